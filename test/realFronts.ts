/** Nginx and haproxy in front of the parts of the lab's site. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { listens } from './freePorts.ts'
import type { LeafId } from './realAuthority.ts'
import type { RealGround } from './realGround.ts'

/** One `server` of nginx. */
export interface NginxServer {
  readonly port: number
  /** Default: 127.0.0.1. */
  readonly address?: string
  /** Absent: it speaks plain HTTP. */
  readonly certificate?: LeafId
  readonly lines: string
}

/** Below the folder of the test, where nginx would take those of the system. */
const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((of) => `${of}_temp_path ${of};`).join(' ')

/** What nginx says by itself: a page with a title. */
export const says = (title: string, status = 200): string =>
  `default_type text/html; return ${status} "<!doctype html><title>${title}</title><p>${title}</p>";`

/** The same at every path. */
export const page = (title: string, status = 200): string => `location / { ${says(title, status)} }`

export async function startNginx(ground: RealGround, nginx: string, servers: readonly NginxServer[]): Promise<void> {
  const { folder } = ground
  const text = servers.map(({ port, address = '127.0.0.1', certificate, lines }) => {
    const tls = certificate && `ssl_certificate ${certificate}.pem; ssl_certificate_key ${certificate}.key;`
    return `  server { listen ${address}:${port}${tls ? ' ssl' : ''}; ${tls ?? ''} ${lines} }`
  })
  const file = await ground.write(
    'nginx.conf',
    `daemon off; master_process off; pid nginx.pid; error_log stderr crit;
events { worker_connections 512; }
http { access_log off; ${temporary} server_names_hash_bucket_size 128;
${text.join('\n')}
}
`,
  )
  const [first] = servers
  const at = servers.find(({ address }) => address === undefined)?.port ?? first?.port ?? 0
  await ground.start(nginx, ['-p', folder, '-e', 'stderr', '-c', file], () => listens(at))
}

/** @param parts `listen`, `frontend` and `backend` sections; @param port one of them, on which it listens */
export async function startHaproxy(ground: RealGround, haproxy: string, parts: string, port: number): Promise<void> {
  const file = await ground.write(
    'haproxy.cfg',
    `global
  tune.ssl.default-dh-param 2048
defaults
  timeout connect 5s
  timeout client 10s
  timeout server 10s
${parts}`,
  )
  await ground.start(haproxy, ['-db', '-f', file], () => listens(port))
}

/** Key and certificates in one file, as haproxy wants them. */
export async function both(ground: RealGround, id: string): Promise<string> {
  const at = (ending: string): Promise<string> => readFile(join(ground.folder, `${id}.${ending}`), 'utf8')
  return ground.write(`${id}.both.pem`, (await at('pem')) + (await at('key')))
}
