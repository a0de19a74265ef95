import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import type { PinnedProgram } from './pinnedProgram.ts'
import { cores, startPinned } from './pinnedProgram.ts'

/** Where a gateway listens, what is behind it, and a folder with `gate.pem`, `gate.key` and `root.pem`. */
export interface Place {
  readonly port: number
  readonly backendPort: number
  readonly folder: string
}

/** What an answer of the backend has in it. */
const bodyOctets = 1024

const nginxHead = (folder: string): string => `
daemon off;
worker_processes 1;
pid ${folder}/pid;
error_log ${folder}/error.log;
events { worker_connections 16384; }
http {
  access_log off;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  keepalive_requests 100000000;
  keepalive_timeout 600;
`

/** The backend of all: one file of 1 KiB for every path, over keep-alive connections. */
export async function startBackend(program: string, { port, folder }: Omit<Place, 'backendPort'>) {
  const own = await folderOf(folder, 'backend')
  await writeFile(join(own, 'answer.json'), JSON.stringify('x'.repeat(bodyOctets - 2)))
  const config = `${nginxHead(own)}
  server {
    listen 127.0.0.1:${port};
    root ${own};
    default_type application/json;
    location / { try_files /answer.json =404; }
  }
}`
  return startNginx(program, own, config, port, cores.others)
}

/** nginx that ends TLS and hands on. */
export async function startNginxProxy(program: string, { port, backendPort, folder }: Place) {
  const own = await folderOf(folder, 'nginx')
  const config = `${nginxHead(own)}
  upstream app { server 127.0.0.1:${backendPort}; keepalive 256; keepalive_requests 100000000; }
  server {
    listen 127.0.0.1:${port} ssl;
    ssl_certificate ${folder}/gate.pem;
    ssl_certificate_key ${folder}/gate.key;
    ssl_protocols TLSv1.2 TLSv1.3;
    location / {
      proxy_pass http://app;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $remote_addr;
      proxy_set_header X-Forwarded-Proto https;
    }
  }
}`
  return startNginx(program, own, config, port, cores.gateway)
}

async function startNginx(program: string, own: string, config: string, port: number, core: string) {
  const file = join(own, 'nginx.conf')
  await writeFile(file, config)
  return startPinned(core, [program, '-p', own, '-e', `${own}/error.log`, '-c', file], port)
}

/** haproxy with one thread, which ends TLS and hands on. */
export async function startHaproxy(program: string, { port, backendPort, folder }: Place): Promise<PinnedProgram> {
  const own = await folderOf(folder, 'haproxy')
  const file = join(own, 'haproxy.cfg')
  const config = `
global
  nbthread 1
  maxconn 4096
defaults
  mode http
  timeout connect 5s
  timeout client 600s
  timeout server 60s
  timeout http-keep-alive 600s
  http-reuse always
frontend gate
  bind 127.0.0.1:${port} ssl crt ${own}/gate.pem ssl-min-ver TLSv1.2 alpn http/1.1
  option forwardfor
  http-request set-header X-Forwarded-Proto https
  default_backend app
backend app
  server one 127.0.0.1:${backendPort}
`
  const pair = await Promise.all(['gate.pem', 'gate.key'].map((name) => readFile(join(folder, name), 'utf8')))
  await writeFile(join(own, 'gate.pem'), pair.join('\n'), { mode: 0o600 })
  await writeFile(file, config)
  return startPinned(cores.gateway, [program, '-db', '-f', file], port)
}

export interface OpenIdPlace extends Place {
  /** Where the tenant says what it has. */
  readonly metadata: string
  readonly clientId: string
  readonly secret: string
  /** Path of the redirect URI. */
  readonly callback: string
}

const modulesFolder = '/usr/lib/apache2/modules'
/** By the name of the directive, in the order in which they lean on each other. */
const modules = ['mpm_event', 'authn_core', 'authz_core', 'authz_user', 'ssl', 'proxy', 'proxy_http', 'auth_openidc']

/** Apache whose mod_auth_openidc signs people in, with its sessions where they are by default: in shared memory. */
export async function startApache(program: string, place: OpenIdPlace): Promise<PinnedProgram> {
  const { port, backendPort, folder, metadata, clientId, secret, callback } = place
  const own = await folderOf(folder, 'apache')
  const origin = `https://localhost:${port}`
  const config = `
${modules.map((name) => `LoadModule ${name}_module ${modulesFolder}/mod_${name}.so`).join('\n')}
ServerName localhost
ServerRoot ${own}
PidFile ${own}/pid
DefaultRuntimeDir ${own}
ErrorLog ${own}/error.log
LogLevel warn
User www-data
Group www-data
Listen 127.0.0.1:${port}
StartServers 1
ServerLimit 4
ThreadsPerChild 64
MaxRequestWorkers 256
MinSpareThreads 16
MaxSpareThreads 256
KeepAlive On
MaxKeepAliveRequests 0
KeepAliveTimeout 600
SSLProtocol -all +TLSv1.2 +TLSv1.3
SSLSessionCache none
SSLEngine on
SSLCertificateFile ${folder}/gate.pem
SSLCertificateKeyFile ${folder}/gate.key
OIDCProviderMetadataURL ${metadata}
OIDCCABundlePath ${own}/root.pem
OIDCClientID ${clientId}
OIDCClientSecret ${secret}
OIDCRedirectURI ${origin}${callback}
OIDCCryptoPassphrase ${secret}
OIDCPKCEMethod S256
OIDCScope "openid profile"
OIDCRemoteUserClaim sub
<Location />
  AuthType openid-connect
  OIDCUnAuthAction auth true
  Require valid-user
</Location>
ProxyPreserveHost On
ProxyPass ${callback} !
ProxyPass / http://127.0.0.1:${backendPort}/ keepalive=On
`
  // Read by its workers, which are nobody special.
  await copyFile(join(folder, 'root.pem'), join(own, 'root.pem'))
  const file = join(own, 'apache.conf')
  await writeFile(file, config, { mode: 0o600 })
  return startPinned(cores.gateway, [program, '-f', file, '-DFOREGROUND'], port)
}

/** What Node's own parts come to. */
export async function startNodeProxy({ port, backendPort, folder }: Place): Promise<PinnedProgram> {
  const script = fileURLToPath(new URL('nodeProxy.ts', import.meta.url))
  return startPinned(cores.gateway, [process.execPath, script, String(port), String(backendPort), folder], port)
}

/** What Node's TLS and HTTP come to without anything behind them. */
export async function startNodeServer({ port, folder }: Omit<Place, 'backendPort'>): Promise<PinnedProgram> {
  const script = fileURLToPath(new URL('nodeServer.ts', import.meta.url))
  return startPinned(cores.gateway, [process.execPath, script, String(port), folder], port)
}

/** A backend that takes WebSockets. */
export async function startWebSockets(port: number): Promise<PinnedProgram> {
  const script = fileURLToPath(new URL('webSocketServer.ts', import.meta.url))
  return startPinned(cores.others, [process.execPath, script, String(port)], port)
}

async function folderOf(folder: string, name: string): Promise<string> {
  const own = join(folder, name)
  await mkdir(own, { recursive: true, mode: 0o755 })
  return own
}
