import type { Socket } from 'node:net'
import type { ServiceExchange, Unfiled } from '../model/observation.ts'
import type { RootDse, ServiceAnswer } from '../model/serviceAnswer.ts'
import type { Limits, Net } from '../net/net.ts'
import type { AnswerLength } from '../wire/answerLength.ts'
import { noAnswer } from '../wire/answerLength.ts'
import type { LdapResult } from '../wire/ldap.ts'
import { readLdapAnswer } from '../wire/ldap.ts'
import type { RootDse as Told } from '../wire/rootDse.ts'
import { readRootDse, rootDseRequest } from '../wire/rootDse.ts'
import { askService } from './askService.ts'
import { isoOf } from './isoOf.ts'
import type { Question } from './probe.ts'

/** The first request of a connection, whose number its answer repeats. */
const messageId = 1

/** Asks a directory for its root entry over a connection that stands, in the clear or inside TLS. */
export function askRootDse(
  over: Socket,
  question: Question,
  net: Net,
  limits: Limits,
  inTls?: 'in-tls',
): Promise<Unfiled<ServiceExchange>> {
  const ask = {
    asked: 'ldap-root-dse',
    octets: rootDseRequest(messageId),
    lengthOf: (octets: Uint8Array) => lengthOfAnswer(octets, messageId),
    read: (octets: Uint8Array, nowMs: number) => answerOf(octets, nowMs),
  } as const
  return askService(over, ask, question, net, limits, inTls)
}

/** How many octets the answer to an LDAP request has, all of its messages together. */
export function lengthOfAnswer(octets: Uint8Array, id: number): AnswerLength {
  const answer = readLdapAnswer(octets, id)
  switch (answer.kind) {
    case 'incomplete':
      return undefined
    case 'other':
      return noAnswer(answer.why)
    case 'search':
    case 'extended':
    case 'disconnected':
      return answer.length
    default:
      return answer satisfies never
  }
}

/** A result without an entry, in the terms of an observation. */
export function resultOf({ code, name, message }: LdapResult): ServiceAnswer {
  return { kind: 'ldap-result', code, name, ...(message !== '' && { text: message }) }
}

function answerOf(octets: Uint8Array, nowMs: number): ServiceAnswer | { readonly why: string } {
  const answer = readLdapAnswer(octets, messageId)
  switch (answer.kind) {
    case 'search':
      return answer.entry === undefined ? resultOf(answer.result) : rootDseOf(readRootDse(answer.entry), nowMs)
    case 'disconnected':
    case 'extended':
      return resultOf(answer.result)
    case 'incomplete':
      return { why: 'the answer has no end' }
    case 'other':
      return { why: answer.why }
    default:
      return answer satisfies never
  }
}

/** The time is told to the whole second that has begun: half of one is the best guess of the rest, in milliseconds. */
const halfSecond = 500

function rootDseOf(told: Told, nowMs: number): RootDse {
  const { dnsHostName, domain, forest, site, currentTime, isSynchronized, isGlobalCatalogReady } = told
  const { domainFunctionality, forestFunctionality, domainControllerFunctionality: controllerFunctionality } = told
  return {
    kind: 'root-dse',
    activeDirectory: told.directory === 'active-directory',
    ...(told.product !== undefined && { product: told.product }),
    ...(dnsHostName !== undefined && { dnsHostName }),
    ...(domain !== undefined && { domain }),
    ...(forest !== undefined && { forest }),
    ...(site !== undefined && { site }),
    ...(currentTime !== undefined && {
      currentTime: isoOf(currentTime),
      skewMs: Math.round(currentTime + halfSecond - nowMs),
    }),
    ...(isSynchronized !== undefined && { synchronized: isSynchronized }),
    ...(isGlobalCatalogReady !== undefined && { globalCatalogReady: isGlobalCatalogReady }),
    ...(domainFunctionality !== undefined && { domainFunctionality }),
    ...(forestFunctionality !== undefined && { forestFunctionality }),
    ...(controllerFunctionality !== undefined && { controllerFunctionality }),
    saslMechanisms: told.saslMechanisms,
    startTls: told.startTls,
  }
}
