import { mostConnections } from '../../src/check/askControls.ts'
import type { Control } from '../../src/check/controls.ts'
import { controls } from '../../src/check/controls.ts'
import { mostAddresses } from '../../src/check/items.ts'
import { lossPerSecond, lossPlaces, pacesUpTo } from '../../src/check/measureSeries.ts'
import { crowdConnections, mostPlaces } from '../../src/check/openCrowds.ts'
import { symptoms } from '../../src/check/symptoms.ts'
import { mostTraces, usualPorts } from '../../src/check/traces.ts'
import { roundSize } from '../../src/diagnose/crowd.ts'
import { mostHops } from '../../src/net/tracePath.ts'
import { heldConnections } from '../../src/probes/held.ts'
import { page, table } from './markdown.ts'

/** `docs/reference/controls.md`: what is asked when a question has failed, by symptom. */
export function controlsPage(): string {
  const parts = symptoms.map(({ symptom, why, controls: names }) => {
    const rows = names.map((name) => {
      const { varies, what, connections = 1 }: Control = controls[name]
      return [varies === undefined ? 'repeat' : `\`${varies}\``, what, String(connections)]
    })
    return `## ${symptom}\n\n${why}\n\n${table(['varies', 'asked', 'connections each'], rows)}`
  })
  return page(
    'Controls',
    `What a check asks when a question has failed, for the people who read the logs of what is asked. Each control differs from the
failed question in one thing, which the report names as \`varies\`; the causes are told apart by what it changes. The first symptom
that fits is used, and its rows are asked from the top, all at once, as far as at most ${mostConnections} connections go, and where there is something
to compare with.

Where a connection fails and this machine has several interfaces, the same one is made from the address of another, past the route
that the machine's own tables choose: past a VPN, where that is one of them. Nothing is said on it.

A place at which a connection failed when everything was asked at once, and at which one worked as well, is looked at once more at
the end, when nothing else is open: one connection alone and ${roundSize} at once, twice, which are ${crowdConnections}. At most ${mostPlaces} places are asked so, the
first in the order of the flows, one after the other. Nothing is said on these either.

The path to what stays silent, or is called unreachable, is traced by the path tool of the system, unless \`--no-trace\` is given:
traceroute sends a SYN, or a datagram, to the port for each of ${mostHops} hops, and where it has not the right to it is left out; tracert
sends ICMP echo. A second trace goes to another port of the same address: one that is open, else a silent one, else ${usualPorts.join(' or ')}.
At most ${mostTraces} paths are traced in a check.

A name that does not resolve has no address to connect to: the same question goes to the control resolvers, or to the other
resolvers of the site where the name is its own, and again, over UDP and over TCP, to a resolver that was silent.

On request alone, and also of what works: \`--idle SECONDS\` holds ${heldConnections} connections to each open TCP port. \`--loss COUNT\` opens
COUNT connections to each, ${lossPerSecond} a second, at ${lossPlaces} ports at once. \`--rate PER_SECOND\` opens, at one port after the other, new ones at four
paces for three seconds each: with 100 that is ${pacesUpTo(100)
      .map(({ perSecond }) => perSecond)
      .join(
        ', ',
      )} a second, ${pacesUpTo(100).reduce((sum, { count }) => sum + count, 0)} connections in all. Each is left
as soon as it stands, and nothing is said on it. \`--every-address\` puts each question at up to ${mostAddresses} addresses of each family.`,
    parts.join('\n'),
  )
}
