import { expect, it } from 'vitest'
import { replicasAfterAlert } from '../../gateway/core/alert.ts'

const policy = { minReplicas: 1, maxReplicas: 20, factor: 20 }

it.each([
  ['adds the factor’s part of the maximum', 'firing', 1, policy, 5],
  ['never asks for more than the maximum', 'firing', 18, policy, 20],
  ['counts a sleeping function as one', 'firing', 0, policy, 5],
  ['rounds up', 'firing', 1, { ...policy, maxReplicas: 4 }, 2],
  ['goes back to the minimum when it is resolved', 'resolved', 13, { ...policy, minReplicas: 2 }, 2],
  ['leaves one that could be none', 'resolved', 13, { ...policy, minReplicas: 0 }, 1],
  ['does nothing with a factor of 0', 'firing', 1, { ...policy, factor: 0 }, undefined],
  ['does nothing to a function of a fixed size', 'firing', 3, { ...policy, minReplicas: 20 }, undefined],
] as const)('an alert %s', (_, status, current, limits, wanted) => {
  expect(replicasAfterAlert(status, current, limits)).toBe(wanted)
})
