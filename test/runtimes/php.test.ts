import { writeFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { describeLanguage } from '../helpers/language.ts'
import { needs } from '../helpers/needs.ts'
import { withHandler } from '../helpers/with-handler.ts'

describeLanguage('php', { needs: ['php'], bases: { BASE_IMAGE: 'php' } })

const waits = `<?php
function parts() {
    yield "first";
    while (!file_exists(__DIR__ . '/go')) { usleep(1000); clearstatcache(); }
    yield "last";
}
return fn () => parts();`

describe('a PHP generator', needs('php'), () => {
  it('is asked for its next part only when the one before is sent: each came one late', () =>
    withHandler({ runtime: 'php', files: { 'handler.php': waits } }, async ({ url }, folder) => {
      const parts = (await fetch(url)).body?.pipeThrough(new TextDecoderStream()).getReader()
      expect((await parts?.read())?.value).toBe('first')
      await writeFile(`${folder}/go`, '')
      expect((await parts?.read())?.value).toBe('last')
      expect((await parts?.read())?.done).toBe(true)
    }))
})
