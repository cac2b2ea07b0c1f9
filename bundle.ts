import { chmod, cp, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { type Plugin, rolldown } from 'rolldown'

// `npm run build`: `dist/cli.js`, the CLI as it is published, for Node 20.19 and up, and `dist/gateway.js`, what the
// gateway's image has: both without a dependency to install. All chunks lie flat in dist/, so that `../templates` and
// `../runtimes` lead to the same places as from the sources. `node bundle.ts FOLDER` writes to another folder.

const root = import.meta.dirname
const folder = resolve(process.argv[2] ?? join(root, 'dist'))

await rm(folder, { recursive: true, force: true })
// dockerode would load these for its own session with a BuildKit, and ours needs nothing of them.
const grpc = ['@grpc/grpc-js', '@grpc/proto-loader']
await bundle('cli', grpc)
// The gateway never speaks SSH to an engine either: all three are 15 MB of memory.
await bundle('gateway', [...grpc, 'ssh2'])
await cp(join(root, 'gateway/queues/redis-scripts'), join(folder, 'redis-scripts'), { recursive: true })
await cp(join(root, 'gateway/providers/swarm/far/relay-program.mjs'), join(folder, 'relay-program.mjs'))
await chmod(join(folder, 'cli.js'), 0o755)

async function bundle(name: string, without: readonly string[]): Promise<void> {
  const build = await rolldown({
    input: { [name]: join(root, name, 'main.ts') },
    cwd: root,
    platform: 'node',
    // The CommonJS packages below dockerode know their folder by these.
    transform: { define: { __dirname: 'import.meta.dirname', __filename: 'import.meta.filename' } },
    // Native add-ons of ssh2, which runs without them.
    external: [/\.node$/, 'cpu-features'],
    plugins: [leaveOut(without)],
  })
  await build.write({
    dir: folder,
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: `${name}-[name]-[hash].js`,
    minify: true,
  })
  await build.close()
}

/** Puts an empty module where these packages are imported. */
function leaveOut(packages: readonly string[]): Plugin {
  const nothing = '\0nothing'
  return {
    name: 'leave-out',
    resolveId: (id) => (packages.includes(id) ? nothing : undefined),
    load: (id) => (id === nothing ? 'export {}' : undefined),
  }
}
