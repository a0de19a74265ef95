/** Where everything stands in the small routed network: read by the rig, by its servers and by the rows. */

/**
 * The machines; each is a network namespace. `firewall` and `bypass` are routers that lead to the same servers; `dc`,
 * `adfs` and `wap` are behind the firewall alone, each on a link of its own.
 */
export const machines = ['client', 'firewall', 'bypass', 'cloud', 'dc', 'adfs', 'wap'] as const
export type Machine = (typeof machines)[number]

/** The client's address on the usual way out, and the one on its second way, which is down unless a row raises it. */
export const client = { address: '10.77.1.2', device: 'eth0', second: '10.77.2.2', secondDevice: 'vpn0' } as const

/** Next hops: of the client on each way, of the servers back. */
export const hops = {
  firewall: '10.77.1.1',
  bypass: '10.77.2.1',
  cloudByFirewall: '10.77.3.2',
  cloudByBypass: '10.77.4.2',
  backByFirewall: '10.77.3.1',
  backByBypass: '10.77.4.1',
  backFromDc: '10.77.5.1',
  backFromAdfs: '10.77.6.1',
  backFromWap: '10.77.7.1',
} as const

/** Servers, all in the namespace `cloud`: addresses of its own that both routers lead to. */
export const app = { address: '10.77.50.10', name: 'app.corp.example' } as const
export const portal = { address: '10.77.50.20', name: 'portal.partner.example' } as const
/** The firewall's own console, where a wrong translation leads: HTTPS, HTTP and a shell. */
export const console = { address: '10.77.50.40', name: 'FGT60F-CONSOLE' } as const
export const nameServer = { address: '10.77.50.53', port: 53 } as const

/** The domain controller, where a test starts it: an address of its own machine, which the files in `test/samba` know too. */
export const dc = { address: '10.77.5.10', name: 'dc1.corp.example' } as const

/** The federation server and the proxy before it, where a test starts them, and the name by which both are called. */
export const adfs = { address: '10.77.6.10', name: 'adfs1.corp.example' } as const
export const wap = { address: '10.77.7.10', name: 'wap1.corp.example' } as const
export const federation = 'sts.corp.example'

/** Beside the doors of the controller those at which its answers are rewritten (`relay.ts`). */
export const relayed = {
  noCatalog: 20389,
  catalogNotReady: 23268,
  notSynchronised: 21389,
  restrictedMapper: 20135,
  olderZone: 20053,
} as const

export const ports = {
  https: 443,
  alternate: 8443,
  third: 9443,
  http: 80,
  tcp: 9000,
  hung: 9500,
  slow: 9600,
  shell: 22,
  closed: 9,
} as const

/** Octets of the pages at `/small` and `/large`: within one packet, and in more than one on any path here. */
export const pageOctets = { small: 64, large: 20_000 } as const

export const certificateFiles = { ca: 'ca.pem', app: 'app', portal: 'portal', console: 'console', dc: 'dc' } as const
