import type { CertificateFacts } from '../model/certificateFacts.ts'
import type { TlsHandshake } from '../model/observation.ts'
import type { ChainVerdict } from './chain.ts'
import { clocksOf, timeOf } from './clock.ts'
import { barrierBefore, failureOf, wayOf } from './issuerFetches.ts'
import { wrongKeyUsage } from './keyUsage.ts'
import { isOwn } from './observations.ts'
import type { Match, Rule } from './rule.ts'
import { idsOf } from './rule.ts'
import type { Seen } from './seen.ts'
import { commonName, dayOf, duration, hostOf, listed, placeOf } from './wording.ts'

/** Who speaks: judged before what the certificate says. */
export const interceptionRules: readonly Rule[] = [
  { cause: 'interception-partial', match: (seen) => interception(seen, ({ partial }) => partial) },
  {
    cause: 'interception-untrusted',
    match: (seen) => interception(seen, ({ partial, trusted }) => !partial && !trusted),
  },
  { cause: 'interception-trusted', match: (seen) => interception(seen, ({ partial, trusted }) => !partial && trusted) },
]

/** What the certificates say: dates before trust. */
export const certificateRules: readonly Rule[] = [
  { cause: 'cert-expired', match: (seen) => outOfDate(seen, 'expired') },
  { cause: 'cert-not-yet-valid', match: (seen) => outOfDate(seen, 'not-yet-valid') },
  { cause: 'chain-incomplete', match: chainIncomplete },
  { cause: 'root-missing', match: rootMissing },
  { cause: 'wrong-key-usage', match: wrongKeyUsage },
]

/** Judged when nothing else is wrong: a chain that no store vouches for, and that does not say why. */
export const doubtRules: readonly Rule[] = [{ cause: 'undetermined', match: untraced }]

type Intercepted = Extract<ChainVerdict, { kind: 'intercepted' }>

function interception({ chain, flow }: Seen, kind: (chain: Intercepted) => boolean): Match | undefined {
  if (chain?.kind !== 'intercepted' || !kind(chain)) return undefined
  const signer = commonName(chain.issuer)
  const vendor = chain.vendor === undefined ? '' : ` (${chain.vendor})`
  const trust = chain.trusted ? 'a CA that this machine trusts' : 'a CA that this machine does not trust'
  const also = chain.alsoSigned.length > 0 ? `; it signs ${listed(chain.alsoSigned)} as well` : ''
  const genuine = chain.partial ? `; ${listed(chain.genuineNames)} shows its genuine chain` : ''
  const name = flow.target.pattern ?? flow.target.name ?? hostOf(flow)
  return {
    confidence: chain.confidence,
    says: `the certificate of ${flow.target.name ?? hostOf(flow)} is signed anew by "${signer}"${vendor}, ${trust}${also}${genuine}`,
    fix: `exempt ${name} from TLS inspection`,
    alternatives: chain.alternatives,
    ...(chain.confidence !== 'certain' && {
      nextProbe: `compare the issuer with that of an unrelated name: postern check https://${chain.expectation === 'microsoft' ? 'www.microsoft.com' : 'NAME'}`,
    }),
    decidedBy: chain.decidedBy,
  }
}

/** Certificates that the server is answerable for: roots stand in the stores, and their dates are the stores' matter. */
function datedCertificates({ chain }: TlsHandshake): readonly CertificateFacts[] {
  return chain.filter(
    ({ from, selfSigned }, at) => at === 0 || ((from === 'handshake' || from === 'aia') && !selfSigned),
  )
}

function outOfDate(seen: Seen, how: 'expired' | 'not-yet-valid'): Match | undefined {
  const { shaken, context, flow } = seen
  if (shaken === undefined) return undefined
  const { ms: now, by } = timeOf(seen)
  const expired = how === 'expired'
  const isBad = ({ notBefore, notAfter }: CertificateFacts, at: number): boolean =>
    expired ? at > Date.parse(notAfter) : at < Date.parse(notBefore)
  const certificates = datedCertificates(shaken)
  const bad = certificates.find((one) => isBad(one, now))
  if (bad === undefined) return undefined
  const date = expired ? bad.notAfter : bad.notBefore
  const away = Math.abs(now - Date.parse(date))
  const whose =
    bad === certificates[0]
      ? `the certificate on ${placeOf(flow)}`
      : `the intermediate "${commonName(bad.subject)}" on ${placeOf(flow)}`
  const judgedAt = Date.parse(context.judgedAt)
  const confirming = clocksOf(seen).filter(({ skewMs }) => isBad(bad, judgedAt + skewMs))
  const behind = by.length > 0 ? ', by clocks that agree with each other and not with this machine' : ''
  return {
    confidence: confirming.length > 0 ? 'certain' : 'likely',
    says: expired
      ? `${whose} expired on ${dayOf(date)}, ${duration(away)} ago${behind}`
      : `${whose} is not valid before ${dayOf(date)}, in ${duration(away)}${behind}`,
    fix: expired
      ? `renew the certificate of "${commonName(bad.subject)}" and restart the service that serves it`
      : `check the clock of the CA, then issue the certificate of "${commonName(bad.subject)}" anew or wait for its begin`,
    // Another clock that bears the date out excludes this machine's own.
    alternatives: confirming.length > 0 ? [] : ['clock-wrong'],
    ...(confirming.length === 0 && {
      nextProbe: 'compare the clock of this machine with a domain controller and with a public server',
    }),
    decidedBy: idsOf(
      [shaken],
      confirming.map(({ exchange }) => exchange),
    ),
  }
}

function chainIncomplete(seen: Seen): Match | undefined {
  const { shaken, chain, flow } = seen
  if (shaken === undefined || chain === undefined) return undefined
  const fetches = seen.fetches.filter(isOwn)
  const fix = `let ${hostOf(flow)} send its intermediate certificates with the leaf`
  const got = fetches.filter(({ outcome }) => outcome === 'certificate')
  if (chain.kind === 'genuine') {
    // Microsoft's front ends leave a cross-signed root out; the services that call them run on Windows, which fetches it.
    if (!chain.fetched || !chain.anchored || chain.expectation === 'microsoft') return undefined
    return {
      confidence: 'certain',
      says: `${placeOf(flow)} sends ${shaken.sentCertificates} certificate${shaken.sentCertificates === 1 ? '' : 's'} and leaves an intermediate out; fetched from ${listed(got.map(({ url }) => url)) || 'its own pointer'}${wayOf(got)} it completes the chain. Windows fetches it too; Node, Java, curl and phones do not`,
      fix,
      alternatives: [],
      decidedBy: idsOf([shaken], got),
    }
  }
  if (chain.kind !== 'cannot-know' || chain.because !== 'short') return undefined
  const last = shaken.chain.at(-1)
  const failed = fetches.filter(({ outcome }) => outcome !== 'certificate')
  if (last !== undefined && isLoneLeaf(shaken) && last.caIssuers.length === 0) return loneLeaf(seen, shaken, last, fix)
  if (last === undefined || last.caIssuers.length === 0 || failed.length === 0) return undefined
  const unreached = failed.filter(
    ({ outcome }) => outcome === 'timeout' || outcome === 'unreachable' || outcome === 'http-status',
  )
  const barrier = chain.expectation === 'microsoft' ? barrierBefore(failed) : undefined
  return {
    confidence: unreached.length > 0 && barrier !== undefined ? 'likely' : 'possible',
    says: `the chain on ${placeOf(flow)} ends at "${commonName(last.subject)}", and its issuer could not be had: ${listed(failed.map(failureOf))}`,
    fix: barrier?.fix ?? fix,
    alternatives: barrier === undefined ? ['root-missing', 'interception-untrusted'] : ['interception-untrusted'],
    nextProbe: `fetch ${failed[0]?.url} from this machine${wayOf(failed)}`,
    decidedBy: idsOf([shaken], failed),
    ...(barrier !== undefined && { owner: barrier.owner }),
  }
}

/** A server may leave the root out and nothing else (RFC 8446 §4.4.2): what stands alone lacks its issuer, or is signed by a root. */
function isLoneLeaf({ chain, sentCertificates }: TlsHandshake): boolean {
  const [leaf] = chain
  return chain.length === 1 && sentCertificates <= 1 && leaf !== undefined && leaf.subject !== leaf.issuer
}

/**
 * The leaf alone, which does not say where its issuer is to be had. Whether that is an intermediate that was not sent or
 * a private root, another server that shows the issuer under a trusted root tells.
 */
function loneLeaf(
  { chain, peers, flow }: Seen,
  shaken: TlsHandshake,
  leaf: CertificateFacts,
  fix: string,
): Match | undefined {
  if (chain?.expectation === 'microsoft') return undefined
  const showing = peers.filter(
    ({ anchoredIn, chain: others }) =>
      anchoredIn.length > 0 && others.some(({ subject, selfSigned }) => subject === leaf.issuer && !selfSigned),
  )
  // A service that made its own certificates may have given both one name: then the rest of it tells them apart.
  const isAlike = commonName(leaf.issuer).toLowerCase() === commonName(leaf.subject).toLowerCase()
  const signer = isAlike ? leaf.issuer : commonName(leaf.issuer)
  const shown =
    showing.length > 0
      ? `; ${listed(showing.map(({ serverName, address }) => serverName ?? address))} sends it`
      : '; it may be an intermediate, or a root that no store of this machine holds'
  return {
    confidence: showing.length > 0 ? 'likely' : 'possible',
    says: `${placeOf(flow)} sends its own certificate alone, without "${signer}", which issued it, and the certificate does not say where that is to be had${shown}`,
    fix: showing.length > 0 ? fix : `${fix}; if "${signer}" is a root, install it in the store of the clients`,
    alternatives: showing.length > 0 ? ['root-missing'] : ['root-missing', 'interception-untrusted'],
    nextProbe: `openssl s_client -showcerts shows what is sent; ask whoever runs ${hostOf(flow)} for "${signer}"`,
    decidedBy: idsOf([shaken], showing),
  }
}

function rootMissing(seen: Seen): Match | undefined {
  const { shaken, chain, flow } = seen
  const last = shaken?.chain.at(-1)
  if (shaken === undefined || chain === undefined || last === undefined) return undefined
  const decidedBy = idsOf([shaken])
  const own = `name the CA under trust.certificates if it is yours, and install its root in the store of the clients`
  if (chain.kind === 'genuine') {
    if (chain.anchored) return undefined
    return {
      confidence: 'certain',
      says: `the chain on ${placeOf(flow)} ends in "${commonName(last.subject)}", a public root that no store of this machine holds`,
      fix: `install "${commonName(last.subject)}" in the store of this machine, or let it update its roots`,
      alternatives: [],
      decidedBy,
      owner: 'host',
    }
  }
  if (chain.kind !== 'cannot-know') return undefined
  switch (chain.because) {
    case 'self-signed':
      return {
        confidence: 'certain',
        says: `the certificate on ${placeOf(flow)} is self-signed ("${commonName(last.subject)}") and in no store of this machine`,
        fix: `give ${hostOf(flow)} a certificate of a CA that its clients trust`,
        alternatives: [],
        decidedBy,
      }
    case 'private-root':
      return {
        confidence: 'certain',
        says: `the chain on ${placeOf(flow)} is whole and ends in "${commonName(last.subject)}", which is in no store of this machine`,
        fix: own,
        alternatives: [],
        decidedBy,
      }
    case 'short':
      // A public CA says where its issuer is to be had; without that the missing one is the private root itself.
      if (last.caIssuers.length > 0 || chain.expectation === 'microsoft' || goesOn(shaken)) return undefined
      return {
        confidence: 'likely',
        says: `the certificate on ${placeOf(flow)} is issued by "${commonName(last.issuer)}", which was not sent and is in no store of this machine`,
        fix: own,
        alternatives: ['chain-incomplete'],
        nextProbe: `ask whoever runs ${hostOf(flow)} for the chain of "${commonName(last.issuer)}"`,
        decidedBy,
      }
    case 'no-certificate':
    case 'signature':
    case 'other-name':
    case 'unlisted-public-root':
    case 'unpublished-fingerprint':
      return undefined
    default:
      return chain.because satisfies never
  }
}

/** So many certificates of a chain are followed; those of the field have five at most. */
const mostFollowed = 16

/** Whether a chain was not followed to its end, because it has none that a client would come to. */
function goesOn({ chain, sentCertificates }: TlsHandshake): boolean {
  return chain.length >= mostFollowed && sentCertificates > chain.length
}

/** A client would refuse it, and whether the server or somebody between is to blame cannot be told from here. */
function untraced({ shaken, chain, flow }: Seen): Match | undefined {
  if (shaken === undefined || chain?.kind !== 'cannot-know' || shaken.anchoredIn.length > 0) return undefined
  const last = shaken.chain.at(-1)
  if (last === undefined) return undefined
  const broken = chain.because === 'signature'
  const why = broken
    ? `names "${commonName(last.issuer)}" as its issuer, which did not sign it`
    : goesOn(shaken)
      ? `goes on above "${commonName(last.subject)}", which is the ${shaken.chain.length}th: no client follows a chain that long, and no store vouches for what was looked at`
      : `ends at "${commonName(last.subject)}", issued by "${commonName(last.issuer)}", and no store vouches for it`
  return {
    confidence: 'undetermined',
    says: `the chain on ${placeOf(flow)} ${why}`,
    alternatives: broken ? ['interception-untrusted'] : ['interception-untrusted', 'chain-incomplete', 'root-missing'],
    nextProbe: 'compare the issuer with that of an unrelated name, and this chain with one seen from another network',
    decidedBy: idsOf([shaken]),
  }
}
