/** Unbound and bind for tests: each with a configuration and a port of its own. */
import { Resolver } from 'node:dns/promises'
import type { RealGround, Running } from './realGround.ts'

export interface NameServer extends Running {
  readonly port: number
}

/** Whether whoever listens there answers a question over UDP at all. */
async function answers(port: number): Promise<boolean> {
  const client = new Resolver({ timeout: 300, tries: 1 })
  client.setServers([`127.0.0.1:${port}`])
  try {
    await client.resolveNs('.')
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code !== 'ECONNREFUSED' && error.code !== 'ETIMEOUT'
  }
}

/**
 * Starts unbound. It keeps nothing, so that each answer is what its configuration and the servers behind it say now.
 *
 * @param lines of its `server:` clause, and clauses behind it
 */
export async function startUnbound(ground: RealGround, unbound: string, lines: string): Promise<NameServer> {
  const port = ground.port()
  const file = await ground.write(
    `unbound-${port}.conf`,
    `server:
  interface: 127.0.0.1
  port: ${port}
  chroot: ""
  username: ""
  directory: "${ground.folder}"
  pidfile: ""
  use-syslog: no
  verbosity: 0
  num-threads: 1
  module-config: "iterator"
  outgoing-interface: 127.0.0.1
  do-not-query-localhost: no
  do-not-query-address: 127.0.0.77
  cache-max-ttl: 0
  cache-max-negative-ttl: 0
${lines}
remote-control:
  control-enable: no
`,
  )
  return { ...(await ground.start(unbound, ['-d', '-c', file], () => answers(port))), port }
}

/**
 * Starts bind with authority for the zone of the site and for everything above it.
 *
 * @param zones text of the root zone and of corp.example, without their SOA and NS
 * @param options more of its `options` clause
 */
export async function startBind(
  ground: RealGround,
  named: string,
  zones: { readonly root: string; readonly corp: string },
  options = '',
): Promise<NameServer> {
  const port = ground.port()
  const head = (host: string): string => `$TTL 60
@ IN SOA ${host} hostmaster.corp.example. 2026010100 900 600 86400 60
@ IN NS ${host}
`
  const root = await ground.write(
    `root-${port}.zone`,
    `${head('ns1.lab-internet.example.')}ns1.lab-internet.example. IN A 127.0.0.1\n${zones.root}`,
  )
  const corp = await ground.write(`corp-${port}.zone`, `${head('dns01.corp.example.')}${zones.corp}`)
  const file = await ground.write(
    `named-${port}.conf`,
    `options {
  directory "${ground.folder}";
  listen-on port ${port} { 127.0.0.1; };
  listen-on-v6 { none; };
  pid-file none;
  session-keyfile none;
  recursion no;
  dnssec-validation no;
  empty-zones-enable no;
  notify no;
  ${options}
};
controls {};
zone "." { type primary; file "${root}"; };
zone "corp.example" { type primary; file "${corp}"; };
`,
  )
  return { ...(await ground.start(named, ['-f', '-n', '1', '-c', file], () => answers(port))), port }
}
