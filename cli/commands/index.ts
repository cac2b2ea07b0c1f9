import type { Verb } from './verb.ts'

/** Every verb in the order of the help. One more is one file and one line here; it is loaded only when it is used. */
export const verbs: readonly Verb[] = [
  verb('new', 'write the scaffold of a function', () => import('./new.ts')),
  verb('dev', 'run functions here, and again at each change', () => import('./dev.ts')),
  verb('local-run', 'run one function here, without a gateway', () => import('./local-run.ts')),
  verb('import', 'make a stack file of others, or of what runs', () => import('./import.ts')),
  verb('template', 'fetch the scaffolds of more languages', () => import('./template.ts')),
  verb('build', 'build the images of functions', () => import('./build.ts')),
  verb('push', 'push the images to their registry', () => import('./push.ts')),
  verb('publish', 'build and push images, for several processors', () => import('./publish.ts')),
  verb('deploy', 'deploy functions, or update them', () => import('./deploy.ts')),
  verb('diff', 'show what a deploy would change', () => import('./diff.ts')),
  verb('up', 'build, push and deploy', () => import('./up.ts')),
  verb('invoke', 'call a function with what stdin has', () => import('./invoke.ts')),
  verb('list', 'list the functions', () => import('./list.ts'), ['ls']),
  verb('status', 'watch replicas, calls, errors and durations', () => import('./status.ts'), ['top']),
  verb('describe', 'show everything about one function', () => import('./describe.ts')),
  verb('logs', 'print what a function wrote', () => import('./logs.ts')),
  verb('scale', 'set the number of replicas', () => import('./scale.ts')),
  verb('revisions', 'list what was deployed under a name', () => import('./revisions.ts')),
  verb('rollback', 'give the traffic back to an earlier revision', () => import('./rollback.ts')),
  verb('traffic', 'split the traffic between revisions', () => import('./traffic.ts')),
  verb('async', 'see and repair asynchronous calls', () => import('./async.ts')),
  verb('remove', 'remove functions', () => import('./remove.ts'), ['rm', 'delete']),
  verb('secret', 'keep what functions may read and nobody else', () => import('./secret.ts')),
  verb('namespace', 'keep functions of one name apart', () => import('./namespace.ts'), ['ns', 'namespaces']),
  verb('ready', 'wait until the gateway, or a function, is ready', () => import('./ready.ts')),
  verb('nodes', 'list the machines of a Swarm', () => import('./nodes.ts')),
  verb('doctor', 'check the machine, the engine and the gateway', () => import('./doctor.ts')),
  verb('schema', 'print the JSON Schema of stack.yml, for editors', () => import('./schema.ts')),
  verb('install', 'put Skep on a Swarm', () => import('./install.ts')),
  verb('uninstall', 'take Skep off a Swarm, with all its functions', () => import('./uninstall.ts')),
  verb('login', 'store the login of a gateway', () => import('./login.ts')),
  verb('token', 'give programs a login that can be taken back', () => import('./token.ts')),
  verb('logout', 'forget the login of a gateway', () => import('./logout.ts')),
  verb('registry-login', 'give the gateway the login of a registry', () => import('./registry-login.ts')),
  verb('version', 'print the versions of this CLI and of the gateway', () => import('./version.ts')),
  verb('completion', 'print a completion script for a shell', () => import('./completion.ts')),
]

function verb(name: string, summary: string, load: Verb['load'], aliases: readonly string[] = []): Verb {
  return { name, summary, load, aliases }
}
