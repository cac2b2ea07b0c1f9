/** The processors that the programs are written for. */
export type Architecture = keyof typeof machines

/** `pause` sleeps for ever and so keeps a network open; `exit` ends at once, with success. */
export type Program = 'pause' | 'exit'

export const isKnown = (architecture: string): architecture is Architecture => architecture in machines

/**
 * A whole program in under 150 bytes. It is put together here because there is no registry to pull one from on a machine
 * without a network.
 */
export function programFor(architecture: Architecture, program: Program): Buffer {
  const machine = machines[architecture]
  const code = machine[program]
  const headers = Buffer.alloc(headerBytes + segmentBytes)
  headers.write('\x7fELF', 0, 'latin1')
  headers.set([2, 1, 1], 4) // 64 bits, little-endian, version 1
  headers.writeUInt16LE(2, 16) // an executable at fixed addresses
  headers.writeUInt16LE(machine.elfMachine, 18)
  headers.writeUInt32LE(1, 20) // version
  headers.writeBigUInt64LE(loadAddress + BigInt(headers.length), 24) // begins right after these headers
  headers.writeBigUInt64LE(BigInt(headerBytes), 32) // where the program header is
  headers.writeUInt16LE(headerBytes, 52)
  headers.writeUInt16LE(segmentBytes, 54)
  headers.writeUInt16LE(1, 56) // one program header
  const size = BigInt(headers.length + code.length)
  headers.writeUInt32LE(1, 64) // the segment: to be loaded,
  headers.writeUInt32LE(5, 68) // read and executed,
  headers.writeBigUInt64LE(loadAddress, 80) // from offset 0 to here,
  headers.writeBigUInt64LE(loadAddress, 88)
  headers.writeBigUInt64LE(size, 96) // the whole file,
  headers.writeBigUInt64LE(size, 104)
  headers.writeBigUInt64LE(0x10000n, 112) // aligned to 64 KiB, the largest page of any arm64 kernel
  return Buffer.concat([headers, code])
}

const headerBytes = 64
const segmentBytes = 56
const loadAddress = 0x400000n

const words = (...instructions: number[]): Buffer => {
  const code = Buffer.alloc(instructions.length * 4)
  instructions.forEach((instruction, i) => code.writeUInt32LE(instruction, i * 4))
  return code
}

const machines = {
  amd64: {
    elfMachine: 62,
    // mov eax, 34 (pause); syscall; jmp back to the mov
    pause: Buffer.from([0xb8, 34, 0, 0, 0, 0x0f, 0x05, 0xeb, 0xf7]),
    // xor edi, edi; mov eax, 231 (exit_group); syscall
    exit: Buffer.from([0x31, 0xff, 0xb8, 231, 0, 0, 0, 0x0f, 0x05]),
  },
  arm64: {
    elfMachine: 183,
    // x0…x3 = 0; x8 = 73 (ppoll: this processor has no pause); svc 0; back to the first
    pause: words(0xd2800000, 0xd2800001, 0xd2800002, 0xd2800003, 0xd2800928, 0xd4000001, 0x17fffffa),
    // x0 = 0; x8 = 94 (exit_group); svc 0
    exit: words(0xd2800000, 0xd2800bc8, 0xd4000001),
  },
} as const
