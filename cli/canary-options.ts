import { InvalidArgumentError, type Command } from 'commander'
import { SkepError } from '../gateway/core/errors.ts'
import { count, duration } from './options.ts'

export interface CanaryFlags {
  /** Percents of the traffic, step by step. */
  readonly canary?: readonly number[]
  readonly every?: string
  /** Percent. */
  readonly maxErrors?: number
  readonly maxP95?: number
  readonly minRequests?: number
}

export function canaryOptions(command: Command): Command {
  return command
    .option('--canary <percents>', 'give it the traffic step by step, such as 1,10,50', steps)
    .option('--every <duration>', 'how long each step of the canary lasts (default: 2m)', duration)
    .option(
      '--max-errors <percent>',
      'calls of the canary that may fail beyond the current revision’s (default: 1%)',
      percent,
    )
    .option('--max-p95 <factor>', 'how much slower it may be than the current revision (default: 1.2x)', factor)
    .option(
      '--min-requests <calls>',
      'calls that both must have had in a step before it is judged (default: 50)',
      count,
    )
}

/** The plan in the gateway's words. */
export function canaryOf({ canary, every, maxErrors, maxP95, minRequests }: CanaryFlags): object | undefined {
  const plan = { every, 'max-errors': maxErrors, 'max-p95': maxP95, 'min-requests': minRequests }
  if (canary !== undefined) return { steps: canary, ...plan }
  const [alone] = Object.entries(plan).filter(([, value]) => value !== undefined)
  if (alone === undefined) return undefined
  throw new SkepError('invalid_request', `--${alone[0]} is for canaries.`, {
    hint: 'Give --canary 10,50 with it, or leave it out.',
  })
}

function steps(text: string): number[] {
  const percents = text.split(',').map((one) => numberOf(one, '%'))
  if (percents.every((one) => one > 0 && one < 100)) return percents
  throw new InvalidArgumentError('Use percents between 0 and 100, such as 1,10,50.')
}

function percent(text: string): number {
  const number = numberOf(text, '%')
  if (number <= 100) return number
  throw new InvalidArgumentError('Use a percent, such as 0.5%.')
}

function factor(text: string): number {
  const number = numberOf(text, 'x')
  if (number >= 1) return number
  throw new InvalidArgumentError('Use a factor of 1 or more, such as 1.5x.')
}

/** NaN for what is none; nothing that is compared with it holds. */
const numberOf = (text: string, unit: string): number =>
  Number(/^\d+(\.\d+)?$/.exec(text.trim().replace(unit, ''))?.[0] ?? NaN)
