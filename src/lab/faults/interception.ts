import { shake } from '../control.ts'
import { fault } from '../fault.ts'
import type { Network } from '../network.ts'

const inspectedByAll = 'issued by Corp TLS Inspection CA'
const shakeAt = (network: Network, name: string): Promise<string> => shake(network, network.cloud.door, name)

/** Trusts the inspector's root on this machine; returns what undoes it. */
function trustInspector({ machineRoots, pki }: Network): () => void {
  const root = pki.certificatePem('inspector')
  machineRoots.add(root)
  return () => void machineRoots.delete(root)
}

export const interceptionFaults = [
  fault({
    id: 'inspector-trusted',
    title: 'TLS inspection, trusted here',
    breaks: 'A proxy on the way re-signs every name of the cloud, and its root has been rolled out to this machine.',
    expect: {
      flow: 'app-oidc',
      verdict: 'wrong',
      cause: 'interception-trusted',
      confidence: 'certain',
      owner: 'proxy',
    },
    consequences: [
      { flow: 'pnc-https', verdict: 'wrong', cause: 'interception-trusted' },
      { flow: 'app-graph', verdict: 'wrong', cause: 'interception-trusted' },
    ],
    inject(network) {
      const distrust = trustInspector(network)
      const pass = network.cloud.conduct('*', { does: 'serve', certificate: 'inspected' })
      return () => {
        pass()
        distrust()
      }
    },
    shows: inspectedByAll,
    control: (network) => shakeAt(network, 'login.microsoftonline.com'),
  }),
  fault({
    id: 'inspector-untrusted',
    title: 'TLS inspection, not trusted here',
    breaks: 'A proxy on the way re-signs every name of the cloud with a root that this machine does not have.',
    expect: {
      flow: 'app-oidc',
      verdict: 'wrong',
      cause: 'interception-untrusted',
      confidence: 'certain',
      owner: 'proxy',
    },
    consequences: [
      { flow: 'pnc-https', verdict: 'wrong', cause: 'interception-untrusted' },
      { flow: 'app-graph', verdict: 'wrong', cause: 'interception-untrusted' },
    ],
    inject: ({ cloud }) => cloud.conduct('*', { does: 'serve', certificate: 'inspected' }),
    shows: inspectedByAll,
    control: (network) => shakeAt(network, 'login.microsoftonline.com'),
  }),
  fault({
    id: 'inspector-named',
    title: 'TLS inspection by a product as it ships',
    breaks: 'A firewall on the way re-signs every name of the cloud by the CA that it came with, which nobody trusts.',
    expect: {
      flow: 'app-oidc',
      verdict: 'wrong',
      cause: 'interception-untrusted',
      confidence: 'certain',
      owner: 'proxy',
      says: '"FortiGate CA" (Fortinet)',
    },
    consequences: [
      { flow: 'pnc-https', verdict: 'wrong', cause: 'interception-untrusted' },
      { flow: 'app-graph', verdict: 'wrong', cause: 'interception-untrusted' },
    ],
    inject: ({ cloud }) => cloud.conduct('*', { does: 'serve', certificate: 'inspected-by-product' }),
    shows: 'issued by FortiGate CA',
    control: (network) => shakeAt(network, 'login.microsoftonline.com'),
  }),
  fault({
    id: 'inspector-partial',
    title: 'TLS inspection of one name',
    breaks: 'The bypass list of the inspecting proxy forgets one name; its root is trusted here.',
    expect: {
      flow: 'app-graph',
      target: 'graph.microsoft.com',
      verdict: 'wrong',
      cause: 'interception-partial',
      confidence: 'certain',
      owner: 'proxy',
    },
    consequences: [],
    inject(network) {
      const distrust = trustInspector(network)
      const pass = network.cloud.conduct('graph.microsoft.com', { does: 'serve', certificate: 'inspected' })
      return () => {
        pass()
        distrust()
      }
    },
    shows: `${inspectedByAll}, login.microsoftonline.com genuine`,
    control: async (network) =>
      `${await shakeAt(network, 'graph.microsoft.com')}, login.microsoftonline.com ${await shakeAt(network, 'login.microsoftonline.com')}`,
  }),
] as const
