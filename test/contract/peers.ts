import { afterEach, describe, expect, it } from 'vitest'
import type { Peers, Role } from '../../gateway/core/peers.ts'
import { until } from '../helpers/until.ts'
import { notRun } from '../helpers/needs.ts'

export interface Member {
  readonly peers: Peers
  readonly roles: Role[]
  readonly heard: string[]
}

/** Lets gateways take part, and leave when the test is over. */
export function useMembers(open: () => Promise<Peers>): () => Promise<[Member, Member]> {
  const members: Member[] = []
  afterEach(() => Promise.all(members.splice(0).map(({ peers }) => peers.leave())))
  const join = async (): Promise<Member> => {
    const member: Member = { peers: await open(), roles: [], heard: [] }
    members.push(member)
    await member.peers.join({
      role: (role) => void member.roles.push(role),
      heard: (message, from) => void member.heard.push(`${from}: ${message}`),
    })
    return member
  }
  return async () => [await join(), await join()]
}

/** What gateways that serve together may rely on. `onlyOne`: why there cannot be two. */
export function describePeers(name: string, open: () => Promise<Peers>, onlyOne?: string) {
  describe(`peers: ${name}`, () => {
    const two = useMembers(open)

    it('let one that is alone lead at once', async () => {
      const roles: Role[] = []
      const peers = await open()
      await peers.join({ role: (role) => void roles.push(role), heard() {} })
      expect(roles).toEqual(['leads'])
      await peers.leave()
    })

    it('have one leader', notRun(onlyOne), async () => {
      const [first, second] = await two()
      expect([first.roles, second.roles]).toEqual([['leads'], ['follows']])
    })

    it('hear what another one tells, in its order, and not themselves', notRun(onlyOne), async () => {
      const [first, second] = await two()
      for (const message of ['a', 'b c', '{"d":"é"}']) first.peers.tell(message)
      await until(() => second.heard.length === 3)
      expect(second.heard).toEqual(['a', 'b c', '{"d":"é"}'].map((message) => `${first.peers.self}: ${message}`))
      expect(first.heard).toEqual([])
    })

    it('have another leader at once when theirs leaves', notRun(onlyOne), async () => {
      const [first, second] = await two()
      await first.peers.leave()
      await until(() => second.roles.at(-1) === 'leads')
    })
  })
}
