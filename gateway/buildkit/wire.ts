// The little of protobuf that BuildKit's messages need: whole numbers, texts and messages within messages.

export interface Message {
  /** Of a field that is not there: empty. */
  text(field: number): string
  /** Of a field that is not there: 0, as protobuf has it. */
  whole(field: number): number
  /** Every occurrence of a field. */
  parts(field: number): readonly Uint8Array[]
}

export function readMessage(bytes: Uint8Array): Message {
  const numbers = new Map<number, number>()
  const chunks = new Map<number, Uint8Array[]>()
  for (const { field, value } of fieldsOf(bytes)) {
    if (typeof value === 'number') numbers.set(field, value)
    else chunks.set(field, [...(chunks.get(field) ?? []), value])
  }
  const parts = (field: number) => chunks.get(field) ?? []
  return {
    parts,
    text: (field) => Buffer.from(parts(field).at(-1) ?? []).toString(),
    whole: (field) => numbers.get(field) ?? 0,
  }
}

function* fieldsOf(bytes: Uint8Array): Generator<{ field: number; value: number | Uint8Array }> {
  let at = 0
  const varint = (): number => {
    for (let value = 0, factor = 1; ; factor *= 128) {
      const byte = bytes[at++] ?? 0
      value += (byte & 127) * factor
      if (byte < 128) return value
    }
  }
  while (at < bytes.length) {
    const key = varint()
    const [field, kind] = [key >>> 3, key & 7]
    if (kind === 0) yield { field, value: varint() }
    else if (kind === 2) {
      const length = varint()
      yield { field, value: bytes.subarray(at, (at += length)) }
    } else at += kind === 1 ? 8 : 4
  }
}

/** A message of texts, by the numbers of their fields. */
export function writeMessage(fields: Readonly<Record<number, string | Uint8Array>>): Buffer {
  const parts = Object.entries(fields).map(([field, value]) => {
    const bytes = Buffer.from(value as Uint8Array)
    return Buffer.concat([varintOf((Number(field) << 3) | 2), varintOf(bytes.length), bytes])
  })
  return Buffer.concat(parts)
}

function varintOf(value: number): Buffer {
  const bytes: number[] = []
  for (let rest = value; bytes.length === 0 || rest > 0; rest = Math.floor(rest / 128)) {
    bytes.push((rest % 128) + (rest >= 128 ? 128 : 0))
  }
  return Buffer.from(bytes)
}
