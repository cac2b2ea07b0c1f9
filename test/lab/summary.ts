import { writeFileSync } from 'node:fs'
import type { Reporter, TestCase, TestModule, TestSuite, Vitest } from 'vitest/node'

export interface Tally {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

/** Names each test that could not run here, with its reason, and counts; vitest's own reporter says the rest. */
export class Summary implements Reporter {
  private vitest: Vitest | undefined

  onInit(vitest: Vitest): void {
    this.vitest = vitest
  }

  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()])
    const inState = (state: string) => tests.filter((test) => test.result().state === state)
    const notRun = inState('skipped').filter((test) => reasonOf(test) !== undefined)
    for (const test of notRun) console.log(`Not run here: ${test.fullName} — ${reasonOf(test)}`)
    const flaky = tests.filter((test) => test.diagnostic()?.flaky)
    for (const test of flaky) console.log(`Passed at the second try: ${test.fullName}`)

    // Skipping needs a reason; only `-t` and a broken set-up, which is reported itself, leave tests out without one.
    const chosen = this.vitest?.config.testNamePattern !== undefined
    const silent = chosen ? [] : inState('skipped').filter((test) => !reasonOf(test) && !isBroken(test.parent))
    for (const test of silent) console.log(`Skipped without a reason: ${test.fullName}`)
    if (silent.length > 0) process.exitCode = 1

    const broken = modules.flatMap((module) => [module, ...module.children.allSuites()]).filter(hasErrors)
    const failed = inState('failed').length + silent.length + broken.length + errors.length
    writeTally({ passed: inState('passed').length, failed, skipped: notRun.length })
  }
}

function reasonOf(test: TestCase): string | undefined {
  const result = test.result()
  if (result.state === 'skipped' && result.note) return result.note
  return (
    test.meta().notRun ??
    suitesOf(test.parent)
      .find((suite) => suite.meta().notRun)
      ?.meta().notRun
  )
}

function suitesOf(parent: TestSuite | TestModule): TestSuite[] {
  return parent.type === 'suite' ? [parent, ...suitesOf(parent.parent)] : []
}

function isBroken(parent: TestSuite | TestModule): boolean {
  return hasErrors(parent) || (parent.type === 'suite' && isBroken(parent.parent))
}

function hasErrors(parent: TestSuite | TestModule): boolean {
  return parent.errors().length > 0
}

function writeTally(tally: Tally): void {
  const file = process.env['SKEP_TEST_TALLY']
  if (file) writeFileSync(file, JSON.stringify(tally))
}
