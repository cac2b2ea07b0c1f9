export interface TarFile {
  /** At most 100 bytes. */
  readonly name: string
  /** Octal, as chmod takes it: `0755`. */
  readonly mode: string
  readonly content: Uint8Array
}

const blockBytes = 512
const paddingAfter = (length: number): number => (blockBytes - (length % blockBytes)) % blockBytes

/** A tar archive of files that belong to root, as the engine takes it. */
export function tarOf(files: readonly TarFile[]): Buffer {
  const parts = files.flatMap((file) => [headerOf(file), file.content, Buffer.alloc(paddingAfter(file.content.length))])
  return Buffer.concat([...parts, Buffer.alloc(2 * blockBytes)])
}

function headerOf({ name, mode, content }: TarFile): Buffer {
  const header = Buffer.alloc(blockBytes)
  header.write(name, 0)
  header.write(`${mode.padStart(7, '0')}\0`, 100)
  header.write('0000000\0', 108) // owner
  header.write('0000000\0', 116) // group
  header.write(`${content.length.toString(8).padStart(11, '0')}\0`, 124)
  header.write('00000000000\0', 136) // time: the same bytes make the same image
  header.write(' '.repeat(8), 148) // the checksum counts itself as blanks
  header.write('0', 156) // a file
  header.write('ustar\x0000', 257)
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return header
}

/** The content of the only file in an archive that the engine made. */
export function onlyFileOf(tar: Buffer): Buffer {
  const isFile = (at: number): boolean => ['0', '\0'].includes(tar.toString('latin1', at + 156, at + 157))
  for (let at = 0; at + blockBytes <= tar.length;) {
    const length = Number.parseInt(tar.toString('latin1', at + 124, at + 136), 8) || 0
    const start = at + blockBytes
    // What comes before it describes it further: a long name, for example.
    if (isFile(at)) return tar.subarray(start, start + length)
    at = start + length + paddingAfter(length)
  }
  throw new Error('There is no file in the archive.')
}
