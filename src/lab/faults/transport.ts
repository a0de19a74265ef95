import { agree, knock, shake, silenceMs } from '../control.ts'
import { fault } from '../fault.ts'
import type { Network } from '../network.ts'
import { appAnswers } from '../servers/app.ts'
import { swallow } from '../servers/blackHole.ts'
import { openTlsFront } from '../servers/tlsFront.ts'
import { appName } from '../site.ts'

const app = { flow: 'lab-app' } as const

const other = '127.0.0.2'
const doubled = { flow: 'app-graph', target: 'graph.microsoft.com' } as const

async function bothAddresses(network: Network): Promise<string> {
  const { address, port } = network.cloud.door
  const first = await shake(network, { address: other, port }, doubled.target)
  return `${first}, ${await shake(network, { address, port }, doubled.target)}`
}

export const transportFaults = [
  fault({
    id: 'closed',
    title: 'port closed',
    breaks: 'The app does not run: every connection to its port is refused.',
    expect: { ...app, verdict: 'blocked', cause: 'refused', confidence: 'certain', owner: 'host' },
    consequences: [],
    async inject({ app: { door } }) {
      await door.shut()
      return () => door.open()
    },
    shows: 'refused',
    control: (network) => knock(network, network.app.door),
  }),
  fault({
    id: 'silent',
    title: 'port filtered in silence',
    breaks: 'A firewall drops every SYN to the app’s port; the host’s other ports answer.',
    expect: { ...app, verdict: 'blocked', cause: 'filtered-silently', confidence: 'likely', owner: 'firewall' },
    consequences: [],
    needs: 'accept-queue',
    inject: ({ app: { door }, signal }) => swallow(door, signal),
    shows: 'silence',
    control: (network) => knock(network, network.app.door, silenceMs),
  }),
  fault({
    id: 'reset-after-clienthello',
    title: 'connection reset by name',
    breaks:
      'A firewall reads the name in the ClientHello and resets the connection; other names at the same address pass.',
    expect: {
      flow: 'pnc-https',
      target: 'enterpriseregistration.windows.net',
      verdict: 'blocked',
      cause: 'sni-filter',
      // All names of the lab are served at one address: nothing there tells a device from a server without the binding.
      confidence: 'possible',
      owner: 'firewall',
    },
    consequences: [],
    inject: ({ cloud }) => cloud.conduct('enterpriseregistration.windows.net', { does: 'reset' }),
    shows: 'reset, login.microsoftonline.com genuine',
    control: async (network) => {
      const { door } = network.cloud
      const target = await shake(network, door, 'enterpriseregistration.windows.net')
      return `${target}, login.microsoftonline.com ${await shake(network, door, 'login.microsoftonline.com')}`
    },
  }),
  fault({
    id: 'long-hello-lost',
    title: 'long ClientHello cut',
    breaks: 'A firewall before the app cannot read a ClientHello that spans two packets, and resets the connection.',
    asks: 'posture',
    expect: { ...app, verdict: 'blocked', cause: 'big-clienthello', confidence: 'likely', owner: 'firewall' },
    consequences: [],
    inject: ({ app: front }) => front.conduct('*', { does: 'serve', certificate: 'genuine', longHellos: 'reset' }),
    shows: 'reset, genuine with TLS 1.2 alone',
    control: async (network) => {
      const { door } = network.app
      const short = (await agree(network, door, appName, 'TLSv1.2')) === 'TLSv1.2' ? 'genuine' : 'nothing'
      return `${await shake(network, door, appName)}, ${short} with TLS 1.2 alone`
    },
  }),
  fault({
    id: 'one-address-closed',
    title: 'first of two addresses closed',
    breaks: 'A name has two addresses; nobody listens at the first, and the second is as it should be.',
    expect: { ...doubled, verdict: 'degraded', cause: 'one-bad-node', confidence: 'likely', owner: 'network' },
    consequences: [],
    needs: 'linux-loopback',
    inject: ({ internal }) => internal.conduct(doubled.target, { does: 'answer', addresses: [other, '127.0.0.1'] }),
    shows: 'refused, genuine',
    control: (network) => bothAddresses(network),
  }),
  fault({
    id: 'one-address-cuts',
    title: 'first of two addresses breaks TLS off',
    breaks:
      'A name has two addresses; the front at the first resets every handshake, and the second is as it should be.',
    expect: { ...doubled, verdict: 'degraded', cause: 'one-bad-node', confidence: 'likely', owner: 'network' },
    consequences: [],
    needs: 'linux-loopback',
    async inject({ internal, cloud, pki }) {
      const { port } = cloud.door
      const usual = { does: 'reset' } as const
      const first = await openTlsFront({ pki, address: other, port, name: doubled.target, usual, answers: appAnswers })
      const forget = internal.conduct(doubled.target, { does: 'answer', addresses: [other, '127.0.0.1'] })
      return async () => {
        forget()
        await first.close()
      }
    },
    shows: 'reset, genuine',
    control: (network) => bothAddresses(network),
  }),
] as const
