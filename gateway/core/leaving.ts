import type { Member } from './replicas.ts'

/** Members that finish what they have in flight and get nothing more. */
export class Leaving {
  /** And since when. */
  readonly #since = new Map<Member, number>()

  get members(): readonly Member[] {
    return [...this.#since.keys()]
  }

  get size(): number {
    return this.#since.size
  }

  has(member: Member): boolean {
    return this.#since.has(member)
  }

  add(member: Member): void {
    this.#since.set(member, performance.now())
  }

  /** Whether it was one of them. */
  delete(member: Member): boolean {
    return this.#since.delete(member)
  }

  /** Those that have been leaving since that moment or longer; they are none of these any more. */
  takeOverdue(moment: number): Member[] {
    const overdue = this.members.filter((member) => (this.#since.get(member) ?? Infinity) <= moment)
    for (const member of overdue) this.#since.delete(member)
    return overdue
  }
}
