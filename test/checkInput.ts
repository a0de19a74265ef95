import type { CheckInput } from '../src/check/checkOptions.ts'
import type { Flow } from '../src/model/flow.ts'

/** What a check is asked for: these flows of one host, over IPv4, in a site that says nothing else. */
export const checkInput = (flows: readonly Flow[], over: Partial<CheckInput> = {}): CheckInput => ({
  postern: '0.0.0',
  site: 'test',
  from: 'here',
  flows,
  elsewhere: 0,
  context: { cloud: 'worldwide', trusted: [], names: {} },
  resolvers: { internal: [], control: [] },
  proxies: {},
  families: ['ipv4'],
  catalogAsOf: '2025-04-09',
  imitates: 'test',
  ...over,
})
