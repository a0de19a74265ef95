import { probes } from '../../src/probes/index.ts'
import { page } from './markdown.ts'

/** `docs/reference/probes.md`: every probe, with what it sends. */
export function probesPage(): string {
  const parts = Object.values(probes).map(
    ({ scheme, transports, sends, proves, limits, example }) => `## ${scheme}

\`postern check ${example}\`, over ${transports.join(' and ')}

- sends: ${sends}
- proves: ${proves}
- does not prove: ${limits}
`,
  )
  return page(
    'Probes',
    `The smallest unauthenticated proof of each protocol, for the people who read the logs of what is probed. A service whose probe
does not exist yet gets the transport probe over TCP, which proves the port only, and none over UDP.`,
    parts.join('\n'),
  )
}
