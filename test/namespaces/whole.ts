/**
 * A whole site: domain controller, federation server with the proxy before it, resolver, cloud, Service Bus and a responder
 * for certificates, each in a machine of the routed network.
 */

import { execFile } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { parseSite } from '../../src/config/parseSite.ts'
import { planFlows } from '../../src/plan/planFlows.ts'
import type { CertificateWish, MadeCertificate } from '../pki.ts'
import { makeCertificate } from '../pki.ts'
import { certgen } from '../realProxy.ts'
import type { DirectoryTools } from './directory.ts'
import { openDirectory } from './directory.ts'
import { host, squidQuiet, temporary, unboundConf } from './outside.ts'
import { outside } from './outsideSite.ts'
import { adfs, console, dc, federation, hops, ports, wap } from './places.ts'
import type { Rig } from './rig.ts'
import { beyond, frontPorts, responderPorts, spare, wholeSiteText } from './wholeSite.ts'

const run = promisify(execFile)
const standIns = fileURLToPath(new URL('../standIns/serve.ts', import.meta.url))

/** The programs of this network besides those of one with a domain controller. */
export interface WholeTools extends DirectoryTools {
  readonly unbound: string
  readonly nginx: string
  readonly squid: string
  readonly openssl: string
}

/** Makes the network with all that serves in it. */
export async function openWhole(tools: WholeTools): Promise<Rig> {
  const rig = await openDirectory(tools)
  try {
    // Servers that give up their rights read here.
    await chmod(rig.folder, 0o755)
    const folder = (name: string): string => join(rig.folder, name)
    await makeWholeCertificates(rig.folder)
    await rig.ip(
      'cloud',
      ...[
        beyond.cloud,
        outside.apart,
        beyond.resolver,
        beyond.bus.address,
        beyond.asking.address,
        beyond.responder.address,
      ].map((address) => `address add ${address}/32 dev lo`),
    )
    const resolverConf = folder(`unbound-${beyond.resolver}.conf`)
    await Promise.all([
      writeFile(resolverConf, unboundConf(beyond.resolver, rig.folder, ownRecords)),
      ...Object.entries(confs).map(async ([name, conf]) => {
        await mkdir(folder(name))
        await writeFile(folder(`${name}.conf`), nginxConf(name, conf))
      }),
      writeFile(folder('squid.conf'), squidConf(rig.folder)),
      run('install', ['-d', '-o', 'proxy', '-g', 'proxy', folder('whole-squid')]),
      run(certgen, ['-c', '-s', folder('forged'), '-M', '4MB']),
    ])
    await run('chown', ['-R', 'proxy:proxy', folder('forged')])
    const nginx = (name: string): readonly string[] => [
      ...[tools.nginx, '-p', rig.folder, '-e', 'stderr', '-c', folder(`${name}.conf`)],
    ]
    await Promise.all([
      host(
        rig,
        'cloud',
        [
          [tools.unbound, '-d', '-c', resolverConf],
          nginx('cloud-front'),
          ...(['good', 'revoked'] as const).map((state) => responder(tools.openssl, rig.folder, state)),
        ],
        [`${beyond.resolver}:53`, `${beyond.cloud}:443`],
      ),
      rig.serve('cloud', process.execPath, standIns, beyond.bus.address, folder('bus'), 'amqps:5671', 'wss:443'),
      ...(
        [
          ['adfs', adfs.address],
          ['wap', wap.address],
        ] as const
      ).flatMap(([machine, address]) => [
        host(rig, machine, [nginx(machine)], [`${address}:443`, `${address}:80`]),
        rig.serve(machine, process.execPath, standIns, address, folder('sts'), 'winrm:5985'),
      ]),
      host(
        rig,
        'firewall',
        [nginx('fronts'), [tools.squid, '-N', '-f', folder('squid.conf')]],
        [`${hops.firewall}:${frontPorts.strips}`, `${hops.firewall}:${frontPorts.squidPlain}`],
      ),
    ])
    await Promise.all([ports.http, responderPorts.revoked].map((port) => responds(rig, tools.openssl, port)))
  } catch (error) {
    await rig.close()
    throw error
  }
  return rig
}

/** Every name of the cloud that the plan of the site dials. */
function namesOfCloud(): readonly string[] {
  const parsed = parseSite(wholeSiteText, 'postern.yaml')
  if (!('site' in parsed)) throw new Error('the site file of the network is not right')
  const names = planFlows(parsed.site).flatMap(({ target, direction }) =>
    direction === 'outbound-internet' && target.name !== undefined && target.port === 443 ? [target.name] : [],
  )
  return [...new Set(names)].filter((name) => name !== beyond.bus.name)
}

async function makeWholeCertificates(folder: string): Promise<void> {
  const root = await makeCertificate({ subject: 'O=Test,CN=Beyond Root CA', ca: true })
  const inspector = await makeCertificate({ subject: 'O=Corp Example,CN=Corp TLS Inspection CA', ca: true })
  const leaf = async (
    file: string,
    names: readonly string[],
    more: Partial<CertificateWish> = {},
  ): Promise<MadeCertificate> => {
    const made = await makeCertificate({
      subject: `CN=${names[0]}`,
      issuer: root,
      names: names.map((value) => ({ type: 'dns', value })),
      ...more,
    })
    await writeFile(join(folder, `${file}.pem`), made.pem + root.pem)
    await writeFile(join(folder, `${file}.key`), made.keyPem)
    return made
  }
  const [asking] = await Promise.all([
    leaf('asking', [beyond.asking.name], { ocsp: [`http://${beyond.responder.name}/`] }),
    leaf('everything', namesOfCloud()),
    leaf('bus', [beyond.bus.name]),
    leaf('sts', [federation, `certauth.${federation}`]),
    leaf('sts-alone', [federation]),
    writeFile(join(folder, 'inspector.pem'), inspector.pem),
    writeFile(join(folder, 'inspector-both.pem'), `${inspector.keyPem}\n${inspector.pem}`),
    writeFile(join(folder, 'beyond-ca.pem'), root.pem),
    writeFile(join(folder, 'beyond-ca.key'), root.keyPem),
  ])
  const { serialNumber } = new X509Certificate(asking.pem)
  const [ends, since] = [inIndex(Date.now() + 20 * hourMs), inIndex(Date.now() - 20 * hourMs)]
  const line = (state: string, at: string): string =>
    [state, ends, at, serialNumber, 'unknown', `/CN=${beyond.asking.name}`].join('\t')
  await Promise.all([
    writeFile(join(folder, 'asking-alone.pem'), asking.pem),
    writeFile(join(folder, 'good.index'), `${line('V', '')}\n`),
    writeFile(join(folder, 'revoked.index'), `${line('R', `${since},keyCompromise`)}\n`),
  ])
}

const hourMs = 3_600_000

/** A moment as OpenSSL's index of certificates has it: UTCTime. */
function inIndex(ms: number): string {
  return `${new Date(ms).toISOString().replace(/\.\d+/, '').replaceAll(/[-:T]/g, '').slice(2)}`
}

/** Behind fronts of nginx: a connection that says nothing would be the last that `openssl ocsp` takes. */
const responders = { good: 2560, revoked: 2561 } as const

function responder(openssl: string, folder: string, state: 'good' | 'revoked'): readonly string[] {
  const at = (name: string): string => join(folder, name)
  return [
    ...[openssl, 'ocsp', '-port', String(responders[state]), '-index', at(`${state}.index`), '-nmin', '60'],
    ...['-CA', at('beyond-ca.pem'), '-rsigner', at('beyond-ca.pem'), '-rkey', at('beyond-ca.key'), '-ignore_err'],
  ]
}

/** How often at most, and how long apart in milliseconds, a responder is asked that has not opened its port yet. */
const attempts = 100
const apartMs = 50

/** The question of a client that knows nothing of Postern, as `openssl` takes it; it verifies no signature. */
const askResponder = (folder: string, port: number): readonly string[] => [
  ...['ocsp', '-issuer', join(folder, 'beyond-ca.pem'), '-cert', join(folder, 'asking-alone.pem')],
  ...['-url', `http://${beyond.responder.address}:${port}`, '-noverify', '-no_nonce'],
]

async function responds(rig: Rig, openssl: string, port: number): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await rig.run('client', openssl, ...askResponder(rig.folder, port))
      return
    } catch (error) {
      if (attempt === attempts) throw error
      await sleep(apartMs)
    }
  }
}

/** Names of the site, and those outside that lie under no zone of every site. */
const ownRecords = (
  [
    ['cn', beyond.cloud],
    [beyond.bus.name, beyond.bus.address],
    [beyond.asking.name, beyond.asking.address],
    [beyond.responder.name, beyond.responder.address],
    [dc.name, dc.address],
    [adfs.name, adfs.address],
    [wap.name, wap.address],
    [federation, adfs.address],
  ] as const
)
  .map(([name, address]) => `  local-zone: "${name}." redirect\n  local-data: "${name}. 1 A ${address}"`)
  .join('\n')

const tls = (file: string): string => `ssl_certificate ${file}.pem; ssl_certificate_key ${file}.key;`
const titled = (title: string): string =>
  `location / { default_type text/html; return 200 '<!doctype html><title>${title}</title>'; }`

/** What an authority of Entra says of itself (OpenID Connect Discovery 1.0 §4). */
const tenant = '5f0c9a3e-8f1d-4d57-9c39-0f2f6f6f1f10'
const ofEntra = JSON.stringify({
  issuer: `https://login.microsoftonline.com/${tenant}/v2.0`,
  authorization_endpoint: `https://login.microsoftonline.com/${tenant}/oauth2/v2.0/authorize`,
  token_endpoint: `https://login.microsoftonline.com/${tenant}/oauth2/v2.0/token`,
  jwks_uri: `https://login.microsoftonline.com/${tenant}/discovery/v2.0/keys`,
})

/** What a federation server publishes: its OpenID configuration, and the parts of its metadata that tell whose it is. */
function farm(name: string, identifier: string = name): string {
  const openId = JSON.stringify({
    issuer: `https://${name}/adfs`,
    authorization_endpoint: `https://${name}/adfs/oauth2/authorize/`,
    token_endpoint: `https://${name}/adfs/oauth2/token/`,
    jwks_uri: `https://${name}/adfs/discovery/keys`,
    access_token_issuer: `http://${identifier}/adfs/services/trust`,
  })
  const binding = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect'
  const protocol = 'urn:oasis:names:tc:SAML:2.0:protocol'
  const metadata = `<?xml version="1.0"?><EntityDescriptor ID="_1" entityID="http://${identifier}/adfs/services/trust" xmlns="urn:oasis:names:tc:SAML:2.0:metadata"><IDPSSODescriptor protocolSupportEnumeration="${protocol}"><SingleSignOnService Binding="${binding}" Location="https://${name}/adfs/ls/" /></IDPSSODescriptor></EntityDescriptor>`
  return `location ~* ^/FederationMetadata/2007-06/FederationMetadata.xml$ { default_type application/samlmetadata+xml; return 200 '${metadata}'; }
    location = /adfs/.well-known/openid-configuration { default_type application/json; return 200 '${openId}'; }
    location / { return 404; }`
}

/** A probe of load balancers is answered without TLS; nothing else is. */
const probed = (address: string): string =>
  `server { listen ${address}:80; location = /adfs/probe { return 200; } location / { return 404; } }`

/** The federation proxy hands on what it is asked, and answers 503 where the farm is not to be had. */
const handsOn = `location / {
      proxy_pass https://${adfs.address}; proxy_set_header Host ${federation}; proxy_connect_timeout 1s;
      proxy_ssl_server_name on; proxy_ssl_name ${federation}; proxy_ssl_verify on; proxy_ssl_trusted_certificate beyond-ca.pem;
      error_page 502 504 =503 /unavailable;
    }
    location = /unavailable { internal; default_type text/html; return 503 '<!doctype html><title>Service Unavailable</title>'; }`
const asks = (how: 'optional_no_ca' | 'on', version: string): string =>
  `ssl_verify_client ${how}; ssl_client_certificate beyond-ca.pem; ssl_protocols ${version};`
const both = 'TLSv1.2 TLSv1.3'

const upgraded = (more = ''): string => `location / {
      proxy_pass https://${beyond.bus.address}; proxy_http_version 1.1; proxy_set_header Host $host; ${more}
    }`
const upgrade = 'proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "upgrade";'

const confs = {
  'cloud-front': `
  server {
    listen ${beyond.cloud}:443 ssl; listen ${outside.apart}:443 ssl; listen ${beyond.cloud}:8080 ssl; ${tls('everything')}
    location ~ openid-configuration$ { default_type application/json; return 200 '${ofEntra}'; }
    ${titled('Cloud')}
  }
  server { listen ${beyond.cloud}:80; location / { return 404; } }
  server { listen ${beyond.asking.address}:443 ssl; ${tls('asking')} ${titled('Expenses')} }
  server { listen ${beyond.responder.address}:80; location / { proxy_pass http://127.0.0.1:${responders.good}; } }
  server { listen ${beyond.responder.address}:${responderPorts.revoked}; location / { proxy_pass http://127.0.0.1:${responders.revoked}; } }
  server { listen ${beyond.responder.address}:${responderPorts.page}; ${titled('Web Page Blocked')} }
  server { listen ${beyond.bus.address}:80; ${upgraded(upgrade)} }`,
  adfs: `
  ${probed(adfs.address)}
  server { listen ${adfs.address}:443 ssl; server_name ${federation}; ${tls('sts')} ${farm(federation)} }`,
  wap: `
  ${probed(wap.address)}
  server { listen ${wap.address}:443 ssl default_server; server_name ${federation}; ${tls('sts')} ${handsOn} }
  server {
    listen ${wap.address}:443 ssl; server_name certauth.${federation}; ${tls('sts')} ${asks('optional_no_ca', both)} ${titled('Sign In')}
  }
  server { listen ${wap.address}:49443 ssl; ${tls('sts')} ${asks('optional_no_ca', both)} ${titled('Sign In')} }
  server { listen ${wap.address}:${spare.withoutCertauth} ssl; ${tls('sts-alone')} ${asks('optional_no_ca', both)} ${handsOn} }
  server {
    listen ${wap.address}:${spare.toConsole} ssl; ${tls('sts')}
    location / { proxy_pass https://${console.address}; proxy_set_header Host ${federation}; }
  }
  server { listen ${wap.address}:${spare.otherFarm} ssl; ${tls('sts')} ${farm('sts.partner.example')} }
  server { listen ${wap.address}:${spare.ownIdentifier} ssl; ${tls('sts')} ${farm(federation, 'fs.old.example')} }
  server { listen ${wap.address}:${spare.asksInTwo} ssl; ${tls('sts')} ${asks('optional_no_ca', 'TLSv1.2')} ${titled('Sign In')} }
  server { listen ${wap.address}:${spare.insistsInThree} ssl; ${tls('sts')} ${asks('on', 'TLSv1.3')} ${titled('Sign In')} }`,
  fronts: `
  server { listen ${hops.firewall}:${frontPorts.strips} ssl; ${tls('bus')} ${upgraded()} }
  server { listen ${hops.firewall}:${frontPorts.passes} ssl; ${tls('bus')} ${upgraded(`${upgrade} proxy_set_header User-Agent "";`)} }`,
} as const

const nginxConf = (
  name: string,
  servers: string,
): string => `daemon off; master_process off; pid ${name}/nginx.pid; error_log stderr crit; user root;
events { worker_connections 256; }
http {
  access_log off; ssl_protocols TLSv1.2 TLSv1.3; ${temporary.replaceAll('_temp_path ', `_temp_path ${name}/`)} server_names_hash_bucket_size 128;
  ${servers}
}
`

/** Who is led here is handed on: by one port without the wish for another protocol, by the other one without a header that nobody needs. */
const squidConf = (folder: string): string => `http_port ${hops.firewall}:${frontPorts.squidPlain}
http_port ${hops.firewall}:${frontPorts.squidStrips} intercept name=strips
http_port ${hops.firewall}:${frontPorts.squidPasses} intercept name=passes
http_port ${hops.firewall}:${frontPorts.squidBumps} name=bumps ssl-bump generate-host-certificates=on dynamic_cert_mem_cache_size=1MB cert=${folder}/inspector-both.pem
sslcrtd_program ${certgen} -s ${folder}/forged -M 4MB
sslcrtd_children 1
tls_outgoing_options cafile=${folder}/beyond-ca.pem
acl passes myportname passes
acl bumps myportname bumps
ssl_bump bump bumps
ssl_bump splice all
http_upgrade_request_protocols websocket allow passes
request_header_access User-Agent deny all
dns_nameservers ${beyond.resolver}
host_verify_strict off
http_access allow all
connect_timeout 2 seconds
${squidQuiet(folder, 'whole-squid')}`
