// The little of protobuf that BuildKit's messages need: whole numbers, texts and messages within messages.

export interface Message {
  /** Of a field that is not there: empty. */
  text(field: number): string
  /** Of a field that is not there: 0, as protobuf has it. */
  whole(field: number): number
  bytes(field: number): Uint8Array | undefined
  part(field: number): Message | undefined
  /** Every occurrence of a field. */
  parts(field: number): readonly Message[]
}

export function readMessage(bytes: Uint8Array): Message {
  const fields = [...fieldsOf(bytes)]
  const all = (wanted: number): Uint8Array[] =>
    fields.flatMap(({ field, value }) => (field === wanted && typeof value !== 'number' ? [value] : []))
  const message: Message = {
    bytes: (field) => all(field).at(-1),
    text: (field) => Buffer.from(message.bytes(field) ?? []).toString(),
    whole: (wanted) => Number(fields.findLast(({ field }) => field === wanted)?.value ?? 0),
    parts: (field) => all(field).map(readMessage),
    part: (field) => message.parts(field).at(-1),
  }
  return message
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

/** A message of texts and bytes, by the numbers of their fields. */
export function writeMessage(fields: Readonly<Record<number, string | Uint8Array>>): Buffer {
  const parts = Object.entries(fields).map(([field, value]) => {
    const bytes = typeof value === 'string' ? Buffer.from(value) : value
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
