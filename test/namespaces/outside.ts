/** The network with an outside: resolvers, a cloud of nginx, and squid on the way and in it. */
import { execFile } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { makeCertificate, makeRevocationList } from '../pki.ts'
import { certgen } from '../realProxy.ts'
import { cloudNames, filtered, outside, outsidePorts, registration } from './outsideSite.ts'
import type { Machine } from './places.ts'
import { app, hops, portal } from './places.ts'
import type { Rig, Tools } from './rig.ts'
import { openRig } from './rig.ts'

const run = promisify(execFile)
const hosted = fileURLToPath(new URL('hosted.ts', import.meta.url))

/** The programs of this network besides those of every one. */
export interface OutsideTools extends Tools {
  readonly unbound: string
  readonly nginx: string
  readonly squid: string
}

/** Makes the network, with what is outside in its machine `cloud`, and an inspecting squid on its firewall that nothing is led to. */
export async function openOutside(tools: OutsideTools): Promise<Rig> {
  const rig = await openRig(tools)
  try {
    // Servers that give up their rights read here.
    await chmod(rig.folder, 0o755)
    await makeOutsideCertificates(rig.folder)
    await Promise.all([serveOutside(rig, tools), serveInspector(rig, tools)])
  } catch (error) {
    await rig.close()
    throw error
  }
  return rig
}

/** Runs programs on a machine, and waits until each place (`ADDRESS:PORT`) is taken. They end with the network. */
export async function host(
  rig: Rig,
  machine: Machine,
  commands: readonly (readonly string[])[],
  places: readonly string[],
): Promise<void> {
  const own = ['--pid', '--mount-proc', '--fork', '--kill-child']
  await rig.serve(
    machine,
    ...['unshare', ...own, process.execPath, hosted],
    ...[JSON.stringify(commands), JSON.stringify(places)],
  )
}

const dayMs = 86_400_000

async function makeOutsideCertificates(folder: string): Promise<void> {
  const root = await makeCertificate({ subject: 'O=Test,CN=Outside Root CA', ca: true })
  const inspector = await makeCertificate({ subject: 'O=Corp Example,CN=Corp TLS Inspection CA', ca: true })
  const cloud = await makeCertificate({
    subject: `CN=${cloudNames[0]}`,
    issuer: root,
    names: cloudNames.map((value) => ({ type: 'dns', value })),
  })
  const write = (name: string, ...texts: readonly string[]): Promise<void> =>
    writeFile(join(folder, name), texts.join(''))
  const listed = await makeCertificate({
    subject: `CN=${app.name}`,
    issuer: root,
    names: [{ type: 'dns', value: app.name }],
    crl: [`http://${outside.pki.name}/outside.crl`],
  })
  const { serialNumber: serial } = new X509Certificate(listed.pem)
  const expired = await makeCertificate({
    subject: `CN=${app.name}`,
    issuer: root,
    names: [{ type: 'dns', value: app.name }],
    notBefore: new Date(Date.now() - 30 * dayMs),
    notAfter: new Date(Date.now() - 2 * dayMs),
  })
  await Promise.all([
    write('outside-ca.pem', root.pem),
    write('inspector.pem', inspector.pem),
    write('inspector-both.pem', inspector.keyPem, '\n', inspector.pem),
    write('cloud.pem', cloud.pem, root.pem),
    write('cloud.key', cloud.keyPem),
    write('listed.pem', listed.pem, root.pem),
    write('listed.key', listed.keyPem),
    write('expired.pem', expired.pem, root.pem),
    write('expired.key', expired.keyPem),
    ...Object.entries({
      good: {},
      revoked: { revoked: [{ serial, at: new Date(Date.now() - dayMs), reason: 1 }] },
      stale: { thisUpdate: new Date(Date.now() - 9 * dayMs), nextUpdate: new Date(Date.now() - 2 * dayMs) },
    }).map(async ([name, wish]) => writeFile(join(folder, `${name}.crl`), await makeRevocationList(root, wish))),
  ])
}

export const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  .map((of) => `${of}_temp_path ${of};`)
  .join(' ')

/** What an authority of Entra says of itself (OpenID Connect Discovery 1.0 §4). */
const metadata = JSON.stringify({
  issuer: `https://login.microsoftonline.com/${outside.tenant}/v2.0`,
  authorization_endpoint: `https://login.microsoftonline.com/${outside.tenant}/oauth2/v2.0/authorize`,
  token_endpoint: `https://login.microsoftonline.com/${outside.tenant}/oauth2/v2.0/token`,
  jwks_uri: `https://login.microsoftonline.com/${outside.tenant}/discovery/v2.0/keys`,
})

const page = `location / { default_type text/html; return 200 '<!doctype html><title>Expenses</title>'; }`

const nginxConf = `daemon off; master_process off; pid nginx.pid; error_log stderr crit; user root;
events { worker_connections 512; }
http {
  access_log off; ${temporary} server_names_hash_bucket_size 128;
  server {
    listen ${outside.cloud}:443 ssl; listen ${outside.apart}:443 ssl; ssl_certificate cloud.pem; ssl_certificate_key cloud.key;
    location ~ openid-configuration$ { default_type application/json; return 200 '${metadata}'; }
    location / { default_type text/html; return 200 '<!doctype html><title>Cloud</title>'; }
  }
  server { listen ${outside.cloud}:80; location / { return 404; } }
  server {
    listen ${outside.hotspot}:80;
    location / { return 302 http://login.hotspot.example/welcome; }
  }
  server { listen ${outside.listed}:443 ssl; ssl_certificate listed.pem; ssl_certificate_key listed.key; ${page} }
  server { listen ${outside.listed}:8443 ssl; ssl_certificate expired.pem; ssl_certificate_key expired.key; ${page} }
  server {
    listen ${outside.listed}:9443 ssl; ssl_certificate listed.pem; ssl_certificate_key listed.key;
    ssl_protocols TLSv1 TLSv1.1; ssl_ciphers ALL:@SECLEVEL=0; ${page}
  }
  server {
    listen ${outside.second}:8443 ssl; ssl_certificate portal.pem; ssl_certificate_key portal.key; ${page}
  }
  server { listen ${outside.pki.address}:80; location = /outside.crl { alias good.crl; } }
  server { listen ${outside.pki.address}:81; location = /outside.crl { alias revoked.crl; } }
  server { listen ${outside.pki.address}:82; location = /outside.crl { alias stale.crl; } }
  server {
    listen ${outside.hotspot}:443 ssl; ssl_certificate console.pem; ssl_certificate_key console.key;
    location / { default_type text/html; return 200 '<!doctype html><title>FortiGate Login</title>'; }
  }
}
`

/** Every name is outside, but for those of the site. */
export const unboundConf = (address: string, folder: string, lines = ''): string => `server:
  interface: ${address}
  access-control: 10.77.0.0/16 allow
  chroot: ""
  username: ""
  directory: "${folder}"
  pidfile: ""
  use-syslog: no
  verbosity: 0
  num-threads: 1
  module-config: "iterator"
  rrset-roundrobin: no
  local-zone: "com." redirect
  local-data: "com. 1 A ${outside.cloud}"
  local-zone: "net." redirect
  local-data: "net. 1 A ${outside.cloud}"
  local-zone: "${registration}." redirect
  local-data: "${registration}. 1 A ${outside.cloud}"
  local-zone: "${filtered}." redirect
  local-data: "${filtered}. 1 A ${outside.apart}"
  local-zone: "${app.name}." redirect
  local-data: "${app.name}. 60 A ${app.address}"
  local-zone: "${outside.pki.name}." redirect
  local-data: "${outside.pki.name}. 60 A ${outside.pki.address}"
  local-zone: "${portal.name}." redirect
  local-data: "${portal.name}. 60 A ${portal.address}"
${lines}
remote-control:
  control-enable: yes
  control-interface: ${folder}/unbound-${address}.sock
  control-use-cert: no
`

/** Ports of one squid, each with a policy of its own. */
const squidConf = (folder: string): string => `auth_param basic program /usr/lib/squid/basic_ncsa_auth /dev/null
auth_param basic children 1 startup=0
auth_param basic realm egress
http_port ${outside.proxy}:${outsidePorts.proxy} name=passes
http_port ${outside.proxy}:${outsidePorts.asks} name=asks
http_port ${outside.proxy}:${outsidePorts.denies} name=denies
http_port ${outside.proxy}:${outsidePorts.https} name=https
acl asks myportname asks
acl denies myportname denies
acl https myportname https
acl filtered dstdomain ${filtered}
acl secure port 443
acl known proxy_auth REQUIRED
http_access deny denies filtered
http_access deny https !secure
http_access deny asks !known
http_access allow all
tcp_outgoing_address ${outside.proxy}
dns_nameservers ${outside.resolver}
negative_dns_ttl 1 second
connect_timeout 2 seconds
connect_retries 0
forward_timeout 3 seconds
${squidQuiet(folder, 'proxy')}`

const inspectorConf = (folder: string): string => `http_port ${hops.firewall}:${outsidePorts.plain}
https_port ${hops.firewall}:${outsidePorts.inspects} intercept ssl-bump generate-host-certificates=on dynamic_cert_mem_cache_size=1MB cert=${folder}/inspector-both.pem
sslcrtd_program ${certgen} -s ${folder}/forged -M 4MB
sslcrtd_children 1
tls_outgoing_options flags=DONT_VERIFY_PEER
ssl_bump bump all
sslproxy_cert_error allow all
host_verify_strict off
http_access allow all
${squidQuiet(folder, 'inspector')}`

export const squidQuiet = (folder: string, name: string): string => `visible_hostname ${name}.corp.example
pid_filename none
access_log none
cache_log ${folder}/${name}/cache.log
cache_store_log none
cache deny all
coredump_dir ${folder}/${name}
netdb_filename none
pinger_enable off
shutdown_lifetime 0 seconds
max_filedescriptors 1024
`

async function serveOutside(rig: Rig, { unbound, nginx, squid }: OutsideTools): Promise<void> {
  const { folder } = rig
  const at = (name: string): string => join(folder, name)
  await rig.ip(
    'cloud',
    ...[
      ...[outside.cloud, outside.apart, outside.hotspot, outside.listed, outside.second, outside.pki.address],
      ...[outside.proxy, outside.resolver, outside.control],
    ].map((address) => `address add ${address}/32 dev lo`),
  )
  await run('install', ['-d', '-o', 'proxy', '-g', 'proxy', at('proxy')])
  await writeFile(at('nginx.conf'), nginxConf)
  await writeFile(at('proxy.conf'), squidConf(folder))
  const resolvers = [outside.resolver, outside.control]
  for (const address of resolvers) await writeFile(at(`unbound-${address}.conf`), unboundConf(address, folder))
  await host(
    rig,
    'cloud',
    [
      ...resolvers.map((address) => [unbound, '-d', '-c', at(`unbound-${address}.conf`)]),
      [nginx, '-p', folder, '-e', 'stderr', '-c', at('nginx.conf')],
      [squid, '-N', '-f', at('proxy.conf')],
    ],
    [
      ...resolvers.map((address) => `${address}:53`),
      `${outside.cloud}:443`,
      `${outside.proxy}:${outsidePorts.proxy}`,
      `${outside.proxy}:${outsidePorts.https}`,
    ],
  )
}

async function serveInspector(rig: Rig, { squid }: OutsideTools): Promise<void> {
  const { folder } = rig
  await run('install', ['-d', '-o', 'proxy', '-g', 'proxy', join(folder, 'inspector')])
  await run(certgen, ['-c', '-s', join(folder, 'forged'), '-M', '4MB'])
  await run('chown', ['-R', 'proxy:proxy', join(folder, 'forged')])
  await writeFile(join(folder, 'inspector.conf'), inspectorConf(folder))
  await host(
    rig,
    'firewall',
    [[squid, '-N', '-f', join(folder, 'inspector.conf')]],
    [`${hops.firewall}:${outsidePorts.plain}`],
  )
}
