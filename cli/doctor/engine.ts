import { messageOf } from '../../gateway/core/errors.ts'
import type { EngineFacts, SwarmFacts } from '../docker-facts.ts'
import type { Env } from '../env.ts'
import { fail, ok, warn, type Finding } from './check.ts'

/** The engine's API that the docker provider needs: Docker 20.10. */
const oldestApi = 1.41

/** The engine and its Swarm. `place`: where the gateway runs functions, when it says so. */
export async function engineFindings(env: Env, place: string | undefined): Promise<Finding[]> {
  if (place === 'process') return [ok('engine', 'is not needed: functions are processes here')]
  const { engineFacts } = await import('../docker-facts.ts')
  const facts = await engineFacts(env).catch((error: unknown) => messageOf(error).trim() || 'nothing answers')
  if (typeof facts !== 'string') return [...findingsOf(facts), ...swarmFindings(facts.swarm, place)]
  const fix =
    'systemctl start docker; or DOCKER_HOST=… where it listens; or "usermod -aG docker $USER" for the right to use it'
  const state = place === undefined ? warn : fail
  return [state('engine', `No Docker engine answers (${facts}).`, fix)]
}

export function findingsOf({ version, apiVersion, limitsMemory }: EngineFacts): Finding[] {
  const said = `Docker ${version}, API ${apiVersion}`
  return [
    Number(apiVersion) >= oldestApi
      ? ok('engine', said)
      : fail(
          'engine',
          `${said} is too old: Skep needs API ${oldestApi}.`,
          'apt install docker.io, or docker-ce of docker.com',
        ),
    limitsMemory
      ? ok('memory limits', 'the kernel holds functions to them')
      : fail(
          'memory limits',
          'The kernel does not hold containers to their memory.',
          'Put cgroup_enable=memory cgroup_memory=1 into /boot/firmware/cmdline.txt and start the machine again.',
        ),
  ]
}

export function swarmFindings(swarm: SwarmFacts | undefined, place: string | undefined): Finding[] {
  if (swarm === undefined) {
    return place === 'swarm' ? [fail('Swarm', 'This engine is in no Swarm.', 'docker swarm init')] : []
  }
  if (!swarm.isManager) return [ok('Swarm', 'this node is a worker; ask a manager for more')]
  if (swarm.nodes.length === 0) {
    return [
      fail(
        'Swarm',
        `No quorum of managers: ${swarm.error}`,
        'Start the other managers; if they are gone for good: docker swarm init --force-new-cluster',
      ),
    ]
  }
  return [managersFinding(swarm), nodesFinding(swarm)]
}

function managersFinding({ nodes }: SwarmFacts): Finding {
  const managers = nodes.filter((node) => node.isManager)
  const spare = managers.filter((node) => node.isUp).length - (Math.floor(managers.length / 2) + 1)
  const said = `${managers.length} ${managers.length === 1 ? 'manager' : 'managers'}`
  if (spare > 0 || managers.length === 1) return ok('Swarm', said)
  return warn('Swarm', `${said}, and none may fail any more.`, 'docker node promote NODE, until three or five run')
}

function nodesFinding({ nodes }: SwarmFacts): Finding {
  const down = nodes.filter((node) => !node.isUp).map(({ name }) => name)
  if (down.length === 0) return ok('nodes', `all ${nodes.length} are up`)
  return warn(
    'nodes',
    `Down: ${down.join(', ')}.`,
    'Start them; one that is gone for good: docker node rm --force NODE',
  )
}
