import { connected, kerberosError, rootDse, saidAt, saidByUdp, toController } from '../../test/controllers.ts'
import { run } from '../../test/judged.ts'
import type { Draft } from '../../test/observed.ts'
import { context, http, udp } from '../../test/observed.ts'
import type { Smb } from '../model/serviceAnswer.ts'

const kerberos = toController('kerberos', 88)
const ntp = toController('ntp', 123, 'udp')
const known = { domain: 'corp.example' } as const
const hour = 3_600_000

const kdc = (skewMs: number): Draft => saidAt(88, kerberosError({ skewMs }))
const directory = (skewMs: number, over: Parameters<typeof saidAt>[2] = {}): Draft =>
  saidAt(389, rootDse({ skewMs }), over)
const smb = (skewMs: number): Draft => {
  const answer: Smb = {
    kind: 'smb',
    dialect: '3.1.1',
    signing: 'required',
    serverGuid: '6d1b1b0a-0000-4000-8000-000000000001',
    skewMs,
    mechanisms: [],
  }
  return saidAt(445, answer)
}
const time = (offsetMs: number, over: Parameters<typeof udp>[1] = {}): Draft =>
  udp('answer', {
    port: 123,
    time: {
      kind: 'time',
      leap: 'none',
      version: 4,
      stratum: 2,
      reference: '10.1.0.1',
      rootDelayMs: 1,
      rootDispersionMs: 12,
      offsetMs,
      delayMs: 0.8,
    },
    ...over,
  })
const says = (date: string, url: string): Draft => context(http('response', { url, headers: { date } }))

run([
  {
    name: 'a KDC within a minute is well',
    flow: kerberos,
    known,
    seen: [connected(88), kdc(-59_000)],
    verdict: 'open',
  },
  {
    name: 'a KDC beyond a minute is told before it refuses',
    flow: kerberos,
    known,
    seen: [connected(88), kdc(90_000)],
    verdict: 'degraded',
    cause: 'clock-skew',
    confidence: 'certain',
    alternatives: ['clock-wrong'],
    says: /90\.0 s ahead of this machine's, by its own Kerberos: on the way to the 5 min/,
  },
  {
    name: 'beyond five minutes every ticket is refused, and the other clocks of the host say the same',
    flow: kerberos,
    known,
    seen: [connected(88), kdc(-hour), context(directory(-hour + 400)), context(smb(-hour - 20)), context(time(-hour))],
    verdict: 'degraded',
    cause: 'clock-skew',
    confidence: 'certain',
    owner: 'host',
    says: /60 min behind this machine's, by its own Kerberos; LDAP, SMB and NTP there say the same: more than the 5 min/,
    decidedBy: ['e2', 'e3', 'e4', 'e5'],
  },
  {
    name: 'another machine that agrees with this one puts it on the host',
    flow: kerberos,
    known,
    seen: [connected(88), kdc(hour), context(directory(200, { address: '10.1.0.6' }))],
    verdict: 'degraded',
    cause: 'clock-skew',
    owner: 'directory',
    alternatives: [],
    says: /10\.1\.0\.6 agrees with this machine/,
    fix: /set the clock of dc01/,
  },
  {
    name: 'another controller that agrees with the host puts it here, perhaps: together they are one clock',
    flow: kerberos,
    known,
    seen: [connected(88), kdc(hour), context(directory(hour, { address: '10.1.0.6' }))],
    verdict: 'degraded',
    cause: 'clock-skew',
    alternatives: ['clock-wrong'],
    fix: /set this machine's clock/,
  },
  {
    name: 'unrelated clocks that agree with the KDC and not with this machine put it here',
    flow: kerberos,
    known,
    seen: [connected(88), kdc(hour), says('Fri, 20 Nov 2026 11:00:00 GMT', 'https://login.microsoftonline.com/')],
    verdict: 'blocked',
    cause: 'clock-wrong',
    confidence: 'certain',
  },
  {
    name: 'clocks of one host that disagree are told, and nobody is blamed',
    flow: kerberos,
    known,
    seen: [connected(88), kdc(hour), context(smb(0))],
    verdict: 'unknown',
    cause: 'undetermined',
    confidence: 'undetermined',
    says: /that of Kerberos is 60 min ahead of this machine's, that of SMB agrees with this machine's/,
  },
  {
    name: 'a skew accuses no LDAP',
    flow: toController('ldap', 389),
    known,
    seen: [connected(389), directory(hour), context(kdc(hour))],
    verdict: 'open',
  },
  {
    name: 'but where nobody heard Kerberos or NTP of the host, its directory tells it',
    flow: toController('ldap', 389),
    known,
    seen: [connected(389), directory(-hour)],
    verdict: 'degraded',
    cause: 'clock-skew',
    confidence: 'certain',
    owner: 'host',
    says: /60 min behind this machine's, by its own LDAP: more than the 5 min that Kerberos allows, so every ticket is refused/,
  },
  {
    name: 'a directory whose clock is right accuses nobody',
    flow: toController('ldap', 389),
    known,
    seen: [connected(389), directory(-59_000)],
    verdict: 'open',
  },
  {
    name: 'one port of a directory tells its clock, and not each',
    flow: toController('ldap', 3268),
    known,
    seen: [connected(3268), saidAt(3268, rootDse({ skewMs: hour })), context(directory(hour))],
    verdict: 'open',
  },
  {
    name: 'a KDC whose clock is right stands against what its directory says',
    flow: toController('ldap', 389),
    known,
    seen: [connected(389), directory(hour), context(kdc(0))],
    verdict: 'open',
  },
  {
    name: 'without a directory, SMB tells it',
    flow: toController('smb', 445),
    known,
    seen: [connected(445), smb(hour)],
    verdict: 'degraded',
    cause: 'clock-skew',
    says: /by its own SMB/,
  },
  {
    name: 'and with one it does not',
    flow: toController('smb', 445),
    known,
    seen: [connected(445), smb(hour), context(directory(hour))],
    verdict: 'open',
  },
  {
    name: 'a directory and SMB of one host that disagree accuse nobody',
    flow: toController('ldap', 389),
    known,
    seen: [connected(389), directory(hour), context(smb(0))],
    verdict: 'unknown',
    cause: 'undetermined',
  },
  {
    name: 'nor NTP, where Kerberos of the same host tells it',
    flow: ntp,
    known,
    seen: [time(hour), context(kdc(hour))],
    verdict: 'open',
  },
  {
    name: 'but NTP, where nothing else of the host tells the time',
    flow: ntp,
    known,
    seen: [time(hour), context(directory(300, { address: '10.1.0.6' }))],
    verdict: 'degraded',
    cause: 'clock-skew',
    alternatives: [],
    says: /more than the 5 min that Kerberos allows; 10\.1\.0\.6 agrees with this machine$/,
  },
  {
    name: 'NTP that is not the clock of its host is told as that',
    flow: ntp,
    known,
    seen: [time(hour), context(kdc(0))],
    verdict: 'unknown',
    cause: 'undetermined',
    alternatives: ['clock-skew', 'wrong-target-dnat'],
  },
  {
    name: 'the password service has a clock that ends tickets as well',
    flow: toController('kpasswd', 464, 'udp'),
    known,
    seen: [saidByUdp(464, kerberosError({ skewMs: hour }), { asked: 'kpasswd-request' })],
    verdict: 'degraded',
    cause: 'clock-skew',
    says: /by its own password service/,
  },
])
