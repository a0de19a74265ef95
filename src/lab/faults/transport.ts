import { knock, shake, silenceMs } from '../control.ts'
import { fault } from '../fault.ts'
import { openBlackHole } from '../servers/blackHole.ts'

const app = { flow: 'lab-app' } as const

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
    async inject({ app: { door }, signal }) {
      await door.vacate()
      try {
        const hole = await openBlackHole(door.address, door.port, signal)
        return async () => {
          await hole.close()
          await door.open()
        }
      } catch (error) {
        if (!signal.aborted) await door.open()
        throw error
      }
    },
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
] as const
