import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { findProgram, run } from './shell.ts'

/** What the tests call, and the Debian package that brings it. */
const packages = {
  dockerd: 'docker.io',
  iptables: 'iptables',
  ip: 'iproute2',
  busybox: 'busybox',
  'redis-server': 'redis-server',
  'docker-registry': 'docker-registry',
  nginx: 'nginx-light',
  ab: 'apache2-utils',
  python3: 'python3',
  flask: 'python3-flask',
  php: 'php-cli',
  ruby: 'ruby',
  go: 'golang-go',
  javac: 'default-jdk-headless',
  'qemu-aarch64-static': 'qemu-user-static',
} as const

export type Program = keyof typeof packages

export const isRoot = process.getuid?.() === 0

/** Only root on Debian (or a relative of it) may add packages to the machine. */
export const mayInstall = isRoot && existsSync('/etc/debian_version') && findProgram('apt-get') !== undefined

export const programs = Object.keys(packages) as readonly Program[]

/** Installs what is not there. Services that the packages bring are not started. */
export async function install(wanted: readonly Program[]): Promise<void> {
  const keepServicesStill = '/usr/sbin/policy-rc.d'
  const ours = !existsSync(keepServicesStill)
  if (ours) writeFileSync(keepServicesStill, '#!/bin/sh\nexit 101\n', { mode: 0o755 })
  try {
    // One source that is out of reach does not mean that the packages are: the install has the last word.
    await apt('update').catch(() => undefined)
    await apt('install', '--no-install-recommends', 'ca-certificates', ...wanted.map((program) => packages[program]))
  } finally {
    if (ours) rmSync(keepServicesStill)
  }
}

async function apt(...args: string[]): Promise<void> {
  const patient = ['-qq', '-y', '-o', 'DPkg::Lock::Timeout=300']
  await run('apt-get', [...patient, ...args], { DEBIAN_FRONTEND: 'noninteractive' })
}
