import { readFileSync, writeFileSync } from 'node:fs'
import { run, runIfPossible } from './shell.ts'

const tables = ['filter', 'nat', 'raw'] as const
const forwarding = '/proc/sys/net/ipv4/ip_forward'

/** The rules of each table as `iptables -S` prints them, and whether the machine forwards packets. */
export interface Firewall {
  readonly rules: Readonly<Record<(typeof tables)[number], readonly string[]>>
  readonly forwards: string
}

export async function readFirewall(): Promise<Firewall> {
  const [filter, nat, raw] = await Promise.all(tables.map(rulesOf))
  return { rules: { filter: filter ?? [], nat: nat ?? [], raw: raw ?? [] }, forwards: readFileSync(forwarding, 'utf8') }
}

/** Takes out what an engine has put in; rules that somebody else has changed meanwhile stay as they are now. */
export async function restoreFirewall(before: Firewall, prefix: string): Promise<void> {
  const ofTheEngine = new RegExp(`docker|br-[0-9a-f]{12}|${prefix.replace('.', '\\.')}\\.`, 'i')
  for (const table of tables) {
    const now = await rulesOf(table)
    const added = now.filter((rule) => !before.rules[table].includes(rule) && ofTheEngine.test(rule))
    const policies = before.rules[table].filter((rule) => rule.startsWith('-P') && !now.includes(rule))
    const chains = added.filter((rule) => rule.startsWith('-N')).map((rule) => rule.slice(3))
    for (const rule of added.filter((line) => line.startsWith('-A'))) await change(table, rule.replace('-A', '-D'))
    for (const chain of chains) await change(table, `-X ${chain}`)
    for (const policy of policies) await change(table, policy)
  }
  writeFileSync(forwarding, before.forwards)
}

async function rulesOf(table: string): Promise<string[]> {
  return (await run('iptables', ['-t', table, '-S'])).split('\n')
}

async function change(table: string, rule: string): Promise<void> {
  await runIfPossible('iptables', ['-t', table, ...rule.split(' ')])
}
