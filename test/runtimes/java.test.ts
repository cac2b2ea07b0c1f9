import { expect, it } from 'vitest'
import { describeLanguage } from '../helpers/language.ts'
import { needs } from '../helpers/needs.ts'
import { withHandler } from '../helpers/with-handler.ts'

const cannot = { parseBodies: 'the JDK has no JSON: a Java handler gets the bytes and brings a library' }

describeLanguage('java', { needs: ['java'], bases: { BUILD_IMAGE: 'java', BASE_IMAGE: 'java' }, cannot })

const exits = 'public class Handler { public Object handle(skep.Event event) { System.exit(3); return null; } }'

it('ends when a Java handler calls System.exit: it waited for its own request for ever', needs('java'), () =>
  withHandler({ runtime: 'java', files: { 'Handler.java': exits } }, async ({ url }) => {
    await expect(fetch(url)).rejects.toThrow('fetch failed')
  }),
)
