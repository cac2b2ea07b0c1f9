import { chmod, rm } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'

// `npm run build`: the CLI as it is published, one program for Node 20.19 and up without a dependency to install.
// All chunks lie flat in dist/, so that `../templates` leads to the same place as from the sources.

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url))

await rm(at('../dist'), { recursive: true, force: true })
const bundle = await rolldown({
  input: { cli: at('main.ts') },
  platform: 'node',
  // The CommonJS packages below dockerode know their folder by these.
  transform: { define: { __dirname: 'import.meta.dirname', __filename: 'import.meta.filename' } },
  // Native add-ons of ssh2, which runs without them.
  external: [/\.node$/, 'cpu-features'],
})
await bundle.write({
  dir: at('../dist'),
  format: 'esm',
  entryFileNames: '[name].js',
  chunkFileNames: '[name]-[hash].js',
  minify: true,
})
await bundle.close()
await chmod(at('../dist/cli.js'), 0o755)
