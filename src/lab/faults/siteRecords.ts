import type { Site } from '../../model/site.ts'
import { ask, askServices } from '../control.ts'
import { fault, oddity } from '../fault.ts'
import type { Network } from '../network.ts'
import { labDirectorySite, labDomain } from '../servers/zone.ts'
import { deskVantage, directoryName } from '../site.ts'

const branch = 'Branch'
const located = `_ldap._tcp.${labDirectorySite}._sites.${labDomain}`.toLowerCase()
const gone = `dc09.${labDomain}`

/** The machines of the office ask the domain controller which site they are in. */
function pinged(site: Site, { netlogon }: Network): Site {
  return {
    ...site,
    names: { ...site.names, [`${directoryName}:389`]: `${netlogon.address}:${netlogon.port}` },
    flows: [
      ...site.flows,
      {
        id: 'lab-locator',
        from: deskVantage,
        to: 'dc01',
        ports: [389],
        transport: ['udp'],
        service: 'cldap',
        purpose: 'machines of the office ask which of the domain controllers are near',
        forbid: false,
      },
    ],
  }
}

const served = { from: deskVantage, flow: 'lab-desk-dns01', verdict: 'degraded', cause: 'srv-incomplete' } as const
/** The other name server has the same zone. */
const consequences = [{ flow: 'lab-desk-dns02', verdict: 'degraded', cause: 'srv-incomplete' }] as const

/** What is wrong with the records of one site of the directory alone, while those of the domain are in order. */
export const siteRecordFaults = [
  fault({
    id: 'site-without-records',
    title: 'no records for the site of the client',
    breaks: 'The controller puts the machine in a site that no domain controller has registered for.',
    expect: { ...served, confidence: 'certain', owner: 'dns', says: `this machine is in the site ${branch}` },
    consequences,
    site: pinged,
    inject: ({ netlogon }) => netlogon.move(branch),
    shows: `no such name, ${directoryName} of the whole domain`,
    control: async (network) =>
      `${await ask(network, network.internal, `_ldap._tcp.${branch}._sites.${labDomain}`)}, ${await askServices(network, network.internal, `_ldap._tcp.${labDomain}`)} of the whole domain`,
  }),
  fault({
    id: 'site-record-dangling',
    title: 'records of the site lead nowhere',
    breaks: 'The records of the site name a domain controller that is gone, and that has no address any more.',
    expect: { ...served, confidence: 'certain', owner: 'dns', says: `leads to ${gone}` },
    consequences,
    site: pinged,
    inject({ internal, second }) {
      const undo = [internal, second].map((server) => server.conduct(located, { does: 'locate', at: [gone] }))
      return () => {
        for (const one of undo) one()
      }
    },
    shows: `${gone}, no such name`,
    control: async (network) =>
      `${await askServices(network, network.internal, located)}, ${await ask(network, network.internal, gone)}`,
  }),
] as const

export const siteRecordOddRows = [
  oddity({
    id: 'site-covered',
    title: 'records of the site in order',
    breaks: 'The machine is in the one site of the directory, whose records lead to the domain controller.',
    from: deskVantage,
    site: pinged,
    inject: () => () => {},
    shows: directoryName,
    control: (network) => askServices(network, network.internal, located),
  }),
] as const
