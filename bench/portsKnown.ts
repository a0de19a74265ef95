import type { FlowReport } from '../src/model/report.ts'
import type { Table } from './figure.ts'

/** What two tools say of the same ports, side by side: all that each of them says of a port in its own report. */
export function portsKnown(nmapText: string, flows: readonly FlowReport[]): Table {
  const byNmap = toldByNmap(nmapText)
  const byPostern = learntByPostern(flows)
  const places = [...new Set([...byNmap.keys(), ...byPostern.keys()])].toSorted((a, b) => portOf(a) - portOf(b))
  return {
    title: 'what is known of each port at the end',
    columns: ['port', 'nmap -sV', 'postern check'],
    rows: places.map((place) => [
      place,
      byNmap.get(place) ?? 'not asked',
      [...(byPostern.get(place) ?? ['not asked'])].join('; '),
    ]),
  }
}

/** The lines of nmap's table: `389/tcp open ldap Samba smbd 4.6.2`. */
function toldByNmap(text: string): ReadonlyMap<string, string> {
  const rows = text.matchAll(/^(\d+\/(?:tcp|udp))[ ]+(.+)$/gmu)
  return new Map([...rows].map(([, place = '', told = '']) => [place, told.replaceAll(/[ ]+/gu, ' ').trim()]))
}

/** What was learnt by the flows to each port; of a flow whose ports an endpoint mapper names, at these. */
function learntByPostern(flows: readonly FlowReport[]): ReadonlyMap<string, ReadonlySet<string>> {
  const known = new Map<string, Set<string>>()
  for (const { target, learnt, verdict, evidence } of flows) {
    const ports = target.port === null ? new Set(evidence.flatMap(namedPorts)) : [target.port]
    const facts = Object.entries(learnt).map(([name, value]) => `${name} ${[value].flat().join(' ')}`)
    for (const port of verdict === 'not-run' || verdict === 'not-required' ? [] : ports) {
      const place = `${port}/${target.transport}`
      const here = known.get(place) ?? new Set([verdict])
      known.set(place, here)
      for (const fact of facts) here.add(fact)
    }
  }
  return known
}

export function namedPorts(seen: FlowReport['evidence'][number]): readonly number[] {
  return seen.kind === 'service-exchange' && seen.answer?.kind === 'endpoint' ? seen.answer.ports : []
}

function portOf(place: string): number {
  return Number.parseInt(place, 10)
}
