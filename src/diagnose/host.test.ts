import { app, appPage, goodApp, onApp, onCloud, run, signIn } from '../../test/judged.ts'
import { again, control, lookup, outside, tcp, tls } from '../../test/observed.ts'

const unsent = tcp('tool-limit', { address: '10.1.0.20', port: 8443, code: 'EMFILE' })
const unasked = lookup('tool-limit', { detail: 'EMFILE' })
const answer = lookup('answer', { answers: ['20.190.128.1'] })

run([
  {
    name: 'what could not be sent, and worked a moment later, is no node that fails now and then',
    flow: app,
    seen: [unsent, again(onApp), again(goodApp), again(appPage)],
    verdict: 'open',
  },
  {
    name: 'one node that refuses now and then is told beside what could not be sent',
    flow: app,
    seen: [
      unsent,
      again(tcp('refused', { address: '10.1.0.20', port: 8443, code: 'ECONNREFUSED' })),
      again(onApp),
      again(goodApp),
      again(appPage),
    ],
    verdict: 'degraded',
    cause: 'one-bad-node',
    says: /works in 1 of 2 attempts/,
  },
  {
    name: 'a name that was resolved only for comparison was never dialled, by a limit of this machine',
    flow: signIn,
    seen: [
      unasked,
      lookup('tool-limit', { type: 'AAAA', detail: 'EMFILE' }),
      again(answer),
      again(lookup('no-data', { type: 'AAAA' })),
      outside('answer', { answers: ['20.190.128.1'] }),
      control('transport', lookup('answer', { transport: 'tcp', answers: ['20.190.128.1'] })),
    ],
    verdict: 'unknown',
    cause: 'tool-limit',
    confidence: 'certain',
    owner: 'tool',
    says: /could not be asked: EMFILE before anything was sent$/,
    decidedBy: ['e1', 'e2'],
  },
  {
    name: 'a name whose other type could not be asked is dialled all the same',
    flow: signIn,
    seen: [answer, lookup('tool-limit', { type: 'AAAA', detail: 'EMFILE' }), onCloud, tls('established')],
    verdict: 'open',
  },
])
