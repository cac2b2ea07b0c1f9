import { beforeAll, describe } from 'vitest'
import { describeRuntime, type HandlerFixture } from '../contract/runtime.ts'
import { needs } from './needs.ts'
import { buildTemplate, startImage, type Bases } from './runtime-image.ts'
import { handlerFixture, startRuntime } from './runtime-process.ts'

interface Language {
  /** What its process needs on this machine. */
  readonly needs: Parameters<typeof needs>
  readonly bases: Bases
}

/** A language is done when its runtime keeps the contract as a process and in its template's image. */
export function describeLanguage(name: string, language: Language): void {
  describe('as a process', needs(...language.needs), () => {
    describeRuntime(name, (fixture, environment) => startRuntime(name, handlerFixture(name, fixture), environment))
  })
  describe('in an image', needs('docker'), () => {
    const images = new Map<HandlerFixture, string>()
    beforeAll(async () => {
      for (const fixture of ['cases', 'broken', 'slow'] as const) {
        images.set(fixture, await buildTemplate(name, handlerFixture(name, fixture), language.bases))
      }
    }, 180_000)
    describeRuntime(name, (fixture, environment = {}) => startImage(images.get(fixture) ?? '', environment))
  })
}
