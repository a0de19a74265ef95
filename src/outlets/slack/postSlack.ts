import type { AlertWords } from '../alertWords.ts'
import { alertWords } from '../alertWords.ts'
import type { OutletTools, Send } from '../outlet.ts'
import { postJson, urlOf } from '../postJson.ts'
import type { SettingsOf } from '../setting.ts'
import type { slackSettings } from './outlet.ts'

/** Posts each alert as blocks. https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks */
export function postSlack(settings: SettingsOf<typeof slackSettings>, tools: OutletTools): Send {
  return async ([told], limits) => {
    if (told?.kind !== 'alert') return { kind: 'refused', says: 'Slack is told alerts alone' }
    const url = await urlOf(tools, settings.url)
    if ('says' in url) return url
    const body = JSON.stringify(slackMessage(alertWords(told.alert)))
    return postJson(tools, { url: url.ok, body, way: settings }, limits)
  }
}

/** Longest texts: of a header, of a section, of one of its fields. https://docs.slack.dev/reference/block-kit/blocks */
export const slackLimits = { header: 150, section: 3000, field: 2000 } as const

/** Texts of others stand in `plain_text` alone: nothing in them is markup, a link, or calls for anybody. */
export function slackMessage({ title, facts, affected, more, url }: AlertWords): object {
  const list = [...affected.map((each) => `• ${each}`), ...(more > 0 ? [`and ${more} more`] : [])].join('\n')
  return {
    // What notifications and screen readers show, which is read as markup.
    text: escaped(title),
    mrkdwn: false,
    unfurl_links: false,
    unfurl_media: false,
    blocks: [
      { type: 'header', text: plain(title, slackLimits.header) },
      ...facts.map(({ label, text }) => ({ type: 'section', text: plain(`${label}: ${text}`, slackLimits.section) })),
      ...(list === '' ? [] : [{ type: 'section', text: plain(list, slackLimits.section) }]),
      ...(url === undefined
        ? []
        : [{ type: 'actions', elements: [{ type: 'button', text: plain('Look at it', 75), url }] }]),
    ],
  }
}

function plain(text: string, limit: number): object {
  return { type: 'plain_text', emoji: false, text: Array.from(text).slice(0, limit).join('').slice(0, limit) }
}

/** https://docs.slack.dev/messaging/formatting-message-text#escaping */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
