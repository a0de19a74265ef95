import type { Flow } from '../src/model/flow.ts'
import type { Service } from '../src/model/service.ts'

/** A required flow to one address, for a bench that needs nothing else of it. */
export function flowAt(address: string, port: number, service: Service, index: number): Flow {
  return {
    flow: `bench-${index}`,
    from: 'here',
    fromRole: 'any',
    fromAddresses: [],
    to: `host-${index}`,
    toRole: 'any',
    target: { name: `host-${index}.bench.example`, address, port, transport: 'tcp', service },
    necessity: 'required',
    expect: 'open',
    direction: 'internal',
    table: 'own',
    purpose: 'bench',
    requiredWhen: 'always',
    features: [],
    unsettled: [],
    notes: [],
    source: 'bench',
  }
}
