/** A tar archive of one executable file, as the engine takes it for an image. */
export function tarOfProgram(name: string, program: Buffer): Buffer {
  const header = Buffer.alloc(512)
  header.write(name, 0)
  header.write('0000755\0', 100) // mode
  header.write('0000000\0', 108) // owner
  header.write('0000000\0', 116) // group
  header.write(`${program.length.toString(8).padStart(11, '0')}\0`, 124)
  header.write('00000000000\0', 136) // time: the same bytes make the same image
  header.write(' '.repeat(8), 148) // the checksum counts itself as blanks
  header.write('0', 156) // a file
  header.write('ustar\x0000', 257)
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  const padding = Buffer.alloc((512 - (program.length % 512)) % 512)
  return Buffer.concat([header, program, padding, Buffer.alloc(1024)])
}
