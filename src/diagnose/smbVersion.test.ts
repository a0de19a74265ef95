import { run } from '../../test/judged.ts'
import type { Draft } from '../../test/observed.ts'
import { again, flowOf, said, service, tcp } from '../../test/observed.ts'
import type { ServiceExchange } from '../model/observation.ts'

const smb = flowOf({ flow: 't1-smb', target: { port: 445, service: 'smb' } })
const stood = tcp('connected', { port: 445 })
const refused = { kind: 'smb-refused', why: 'it speaks SMB 1 only' } as const
const asked = (outcome: ServiceExchange['outcome'], over: Parameters<typeof service>[1] = {}): Draft =>
  service(outcome, { asked: 'smb2-negotiate', port: 445, ...over })
const asOfOld = ({ seen }: Draft): Draft => ({ seen, role: 'control' })
const takenOfOld = asOfOld(said(refused, { asked: 'smb1-negotiate', port: 445 }))
const old = { verdict: 'wrong', cause: 'not-the-service', confidence: 'certain', owner: 'directory' } as const

run([
  {
    name: 'a server that answers SMB 2 with SMB 1 is of old, and no port is to be corrected',
    flow: smb,
    seen: [stood, said(refused, { asked: 'smb2-negotiate', port: 445 })],
    ...old,
    says: /^445\/tcp on dc01 speaks SMB, and not as it is spoken today: it speaks SMB 1 only$/,
    fix: /^turn on SMB 2 and 3 on dc01/,
    decidedBy: ['e2'],
  },
  {
    name: 'so is one that hangs up on SMB 2, and takes SMB 1',
    flow: smb,
    seen: [stood, asked('closed'), takenOfOld, again(asked('reset')), takenOfOld],
    ...old,
    says: /it speaks SMB 1 only$/,
    fix: /^turn on SMB 2 and 3 on dc01/,
    decidedBy: ['e2', 'e4', 'e3', 'e5'],
  },
  {
    name: 'one that hangs up on both is not to be known by it',
    flow: smb,
    seen: [stood, asked('closed'), asOfOld(service('closed', { asked: 'smb1-negotiate', port: 445 }))],
    verdict: 'unknown',
    cause: 'undetermined',
  },
  {
    name: 'one that was silent once has not hung up each time',
    flow: smb,
    seen: [stood, asked('closed'), takenOfOld, again(asked('timeout', { bytesIn: 0 }))],
    verdict: 'unknown',
    cause: 'undetermined',
  },
  {
    name: 'what an answer to SMB 1 says of another port is nothing of this one',
    flow: smb,
    seen: [stood, asked('closed'), asOfOld(said(refused, { asked: 'smb1-negotiate', port: 1445 }))],
    verdict: 'unknown',
    cause: 'undetermined',
  },
])
