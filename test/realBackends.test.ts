/** The gate's own forwarding before a server that is not ours: nginx, plain and over TLS. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { backendOf, openFront, sendRaw } from './backendRig.ts'
import { listens } from './freePorts.ts'
import { installed, needs } from './needs.ts'
import { makeChain } from './pki.ts'
import type { RealGround } from './realGround.ts'
import { openGround } from './realGround.ts'

const get = 'GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'
const bodyOf = (answer: string): string => answer.slice(answer.indexOf('\r\n\r\n') + 4).trim()

let ground: RealGround
let root = ''
const ports = { plain: 0, tls: 0, few: 0 }

before(async () => {
  ground = await openGround(3)
  Object.assign(ports, { plain: ground.port(), tls: ground.port(), few: ground.port() })
  const nginx = installed('nginx')
  if (nginx === undefined) return
  const chain = await makeChain()
  root = chain.root.pem
  await ground.write('leaf.pem', chain.leaf.pem + chain.intermediate.pem)
  await ground.write('leaf.key', chain.leaf.keyPem)
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((of) => `${of}_temp_path ${of};`).join(' ')
  const says = 'default_type text/plain; return 200 "$connection $connection_requests $http_x_forwarded_for";'
  const file = await ground.write(
    'nginx.conf',
    `daemon off; master_process off; pid nginx.pid; error_log stderr crit;
events { worker_connections 64; }
http { access_log off; ${temporary} client_max_body_size 0; client_body_buffer_size 1m;
  server { listen 127.0.0.1:${ports.plain}; location / { ${says} } }
  server { listen 127.0.0.1:${ports.few}; keepalive_requests 3; location / { ${says} } }
  server { listen 127.0.0.1:${ports.tls} ssl; ssl_certificate leaf.pem; ssl_certificate_key leaf.key; location / { ${says} } }
}
`,
  )
  await ground.start(nginx, ['-p', ground.folder, '-e', 'stderr', '-c', file], () => listens(ports.plain))
})

after(() => ground.close())

for (const [says, urlOf] of [
  ['plain', () => `http://127.0.0.1:${ports.plain}`],
  ['over TLS', () => `https://localhost:${ports.tls}`],
] as const) {
  test(`one connection to nginx carries request after request, ${says}`, async (t) => {
    if (needs(t, 'nginx') === undefined) return
    const front = await openFront(t, backendOf([urlOf()]), {
      tools: { trust: { app: [root] }, names: { localhost: '127.0.0.1' } },
    })
    const seen: string[][] = []
    for (let each = 0; each < 12; each += 1) seen.push(bodyOf(await sendRaw(front.port, get)).split(' '))
    assert.equal(new Set(seen.map(([connection]) => connection)).size, 1)
    assert.deepEqual(
      seen.map(([, requests]) => Number(requests)),
      Array.from({ length: 12 }, (_, at) => at + 1),
    )
    assert.ok(seen.every(([, , address]) => address === '192.0.2.1'))
  })
}

test('where nginx closes a connection after some requests, none of them fails', async (t) => {
  if (needs(t, 'nginx') === undefined) return
  const front = await openFront(t, backendOf([`http://127.0.0.1:${ports.few}`]))
  const answers = await Promise.all(Array.from({ length: 40 }, () => sendRaw(front.port, get)))
  assert.deepEqual(
    answers.filter((answer) => !answer.startsWith('HTTP/1.1 200 ')),
    [],
  )
  assert.ok(answers.every((answer) => Number(bodyOf(answer).split(' ')[1]) <= 3))
})
