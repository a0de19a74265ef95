import { ask, shake } from '../control.ts'
import { fault } from '../fault.ts'
import { appAnswers } from '../servers/app.ts'
import { openTlsFront } from '../servers/tlsFront.ts'
import { deskVantage, directoryName, farmName } from '../site.ts'
import { wantsCertificate } from '../wantsCertificate.ts'

const other = '127.0.0.2'
const sibling = 'dc02.corp.example'

/** What a client's machine in the office meets. */
export const deskFaults = [
  fault({
    id: 'stale-record',
    title: 'record of a machine that has moved',
    breaks:
      'The domain controller got another address, and its old record stayed: another domain controller has that address now.',
    expect: {
      from: deskVantage,
      flow: 'lab-directory',
      verdict: 'blocked',
      cause: 'stale-record',
      confidence: 'likely',
      owner: 'dns',
      says: sibling,
    },
    consequences: [],
    needs: 'linux-loopback',
    async inject({ internal, directory, pki }) {
      const { port } = directory.door
      const moved = await openTlsFront({ pki, address: other, port, name: sibling, answers: appAnswers })
      const forget = internal.conduct(directoryName, { does: 'answer', addresses: [other] })
      return async () => {
        forget()
        await moved.close()
      }
    },
    shows: `${other}, for ${sibling}`,
    control: async (network) => {
      const address = await ask(network, network.internal, directoryName)
      return `${address}, ${await shake(network, { address, port: network.directory.door.port }, directoryName)}`
    },
  }),
  fault({
    id: 'mtls-terminated',
    title: 'client certificate never asked for',
    breaks:
      'A load balancer before the federation service ends TLS itself, with the right certificate, and asks no client for one.',
    expect: {
      from: deskVantage,
      flow: 'lab-smart-card',
      verdict: 'wrong',
      cause: 'mtls-terminated',
      confidence: 'likely',
      owner: 'network',
    },
    consequences: [],
    inject: ({ farm }) => farm.conduct('*', { does: 'serve', certificate: 'genuine' }),
    shows: 'genuine, not asked',
    control: async (network) => {
      const { door } = network.farm
      return `${await shake(network, door, farmName)}, ${await wantsCertificate(network, door, farmName)}`
    },
  }),
] as const
