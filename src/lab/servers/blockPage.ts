import type { RequestListener } from 'node:http'
import { sendPage } from './page.ts'

/** What a web filter puts in the place of a page that its policy blocks. */
export const blockPageAnswers: RequestListener = (_request, response) => {
  response.setHeader('cache-control', 'no-store')
  sendPage(
    response,
    200,
    'Web Page Blocked',
    'This address is in the category Remote Access, which the policy of Corp Example blocks.',
  )
}
