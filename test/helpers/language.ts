import { beforeAll, describe } from 'vitest'
import { describeRuntime, type HandlerFixture, type RuntimeCannot, type StartHandler } from '../contract/runtime.ts'
import { needs } from './needs.ts'
import { buildTemplate, startImage, type Bases } from './runtime-image.ts'
import { handlerFixture, startRuntime } from './runtime-process.ts'

interface Language {
  /** What its process needs on this machine. */
  readonly needs: Parameters<typeof needs>
  readonly bases: Bases
  /** The template whose image is tested, if it is not called like the runtime. */
  readonly template?: string
  readonly environment?: Readonly<Record<string, string>>
  readonly cannot?: RuntimeCannot
}

/** A language is done when its runtime keeps the contract as a process and in its template's image. */
export function describeLanguage(name: string, language: Language): void {
  const { cannot = {}, template = name } = language
  const fixtures: HandlerFixture[] = ['cases']
  if (!cannot.load) fixtures.push('slow')
  if (!cannot['fail loading']) fixtures.push('broken')

  describe('as a process', needs(...language.needs), () => {
    const start: StartHandler = (fixture, environment) =>
      startRuntime(name, handlerFixture(name, fixture), { ...language.environment, ...environment })
    describeRuntime(name, start, cannot)
  })

  describe('in an image', needs('docker'), () => {
    const images = new Map<HandlerFixture, string>()
    beforeAll(async () => {
      for (const fixture of fixtures) {
        images.set(fixture, await buildTemplate(template, handlerFixture(name, fixture), language.bases))
      }
    }, 300_000)
    const start: StartHandler = (fixture, environment) =>
      startImage(images.get(fixture) ?? '', { ...language.environment, ...environment })
    describeRuntime(name, start, cannot)
  })
}
