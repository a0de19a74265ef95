import { openPki } from '../../src/lab/servers/pki.ts'
import type { RegisteredProbe } from '../../src/probes/index.ts'
import { probes } from '../../src/probes/index.ts'
import { page } from './markdown.ts'
import { dump, sentBy } from './sentOctets.ts'

/** `docs/reference/probes.md`: every probe, with what it sends, octet by octet. */
export async function probesPage(): Promise<string> {
  const pki = await openPki({ clock: Date.now, publishedAt: 'http://127.0.0.1:9' })
  const parts: string[] = []
  const shown: Shown = new Map()
  for (const probe of Object.values(probes)) {
    const { scheme, transports, sends, proves, limits, example } = probe
    parts.push(`## ${scheme}

\`postern check ${example}\`, over ${transports.join(' and ')}

- sends: ${sends}
- proves: ${proves}
- does not prove: ${limits}
${await octetsOf(probe, pki, shown)}`)
  }
  return page(
    'Probes',
    `The smallest unauthenticated proof of each protocol, for the people who read the logs of what is probed. A service whose probe
does not exist yet gets the transport probe over TCP, which proves the port only, and none over UDP.

The octets are those that a probe really sends for the host \`dc01.corp.example\` of the domain \`corp.example\`, to a server that
answers as little as it can; what follows an answer is said in words. \`xx\`, in text \`x\`, is random, and another one each
time; behind \`postern\` in User-Agent stands the version. Of what goes inside TLS the inside is shown: the handshake around it is that of Node.js with X25519, P-256 and P-384, TLS 1.2 and 1.3.`,
    parts.join('\n'),
  )
}

/** By its octets, the probe at which a message was shown first. */
type Shown = Map<string, string>

async function octetsOf(
  probe: RegisteredProbe,
  pki: Awaited<ReturnType<typeof openPki>>,
  shown: Shown,
): Promise<string> {
  const blocks: string[] = []
  for (const transport of probe.transports) {
    for (const [at, message] of (await sentBy(probe, transport, pki)).entries()) {
      const which = at === 0 ? '' : `, message ${at + 1}`
      const octets = dump(message)
      const before = shown.get(octets)
      const head = `\nOver ${transport}${which}, ${message.octets.length} octets`
      blocks.push(before === undefined ? `${head}:\n\n\`\`\`\n${octets}\n\`\`\`\n` : `${head}: those of ${before}.\n`)
      if (before === undefined) shown.set(octets, probe.scheme)
    }
  }
  return blocks.join('')
}
