import { openPki } from '../../src/lab/servers/pki.ts'
import type { RegisteredProbe } from '../../src/probes/index.ts'
import { probes } from '../../src/probes/index.ts'
import { page } from './markdown.ts'
import { dump, sentBy } from './sentOctets.ts'
import { sentForRevocation } from './sentRevocation.ts'
import type { Talk } from './talks.ts'
import { talks } from './talks.ts'

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

The octets are those that a probe really sends for the host \`dc01.corp.example\` of the domain \`corp.example\`: its first
question to a server that answers nothing, then what follows the answers that are named. \`xx\`, in text \`x\`, is random, and
another one each time; beside an \`xx\` that is a letter, only its being large or small is. Behind \`postern\` in User-Agent
stands the version. Of what goes inside TLS the inside is shown, and the ClientHello before it: that of Node.js with X25519, P-256 and P-384, TLS 1.2 and 1.3.`,
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
  const told = new Set<string>()
  const firsts = probe.transports.map((transport): Talk => ({ transport }))
  for (const talk of [...firsts, ...(talks[probe.scheme] ?? [])]) {
    const messages = await sentBy(probe, talk, pki)
    for (const [at, message] of messages.entries()) {
      const octets = dump(message)
      const before = shown.get(octets)
      // What leads up to what is new was shown at the first question.
      if (told.has(octets)) continue
      told.add(octets)
      const which = at === 0 ? '' : `, message ${at + 1}`
      const when = talk.when === undefined ? '' : `, ${talk.when}`
      const head = `\nOver ${talk.transport}${when}${which}, ${message.octets.length} octets`
      blocks.push(before === undefined ? `${head}:\n\n\`\`\`\n${octets}\n\`\`\`\n` : `${head}: those of ${before}.\n`)
      if (before === undefined) shown.set(octets, probe.scheme)
    }
  }
  if (probe.scheme === 'tls') blocks.push(await stateOfCertificates())
  return blocks.join('')
}

async function stateOfCertificates(): Promise<string> {
  const requests = await sentForRevocation()
  const blocks = requests.map((octets) => `\n\`\`\`\n${dump({ octets, random: [] })}\n\`\`\`\n`)
  return `\nFor the state of a certificate, of the host that it names for it, here one with the serial number 0x1003; behind /ocsp/
stands the request of RFC 6960 in base64 (RFC 5019 §5), and a missing issuer is fetched as the list is:
${blocks.join('')}`
}
