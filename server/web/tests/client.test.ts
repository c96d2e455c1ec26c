import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'

import { acknowledgeAlert, deleteSession, getAlerts, getSubject, postSession } from '@/api/calls'
import { useCsrfToken, whenSignedOut } from '@/api/client'
import { NetworkError, ProblemError } from '@/api/errors'

const asked: Request[] = []
let answer: () => Response | Error
const json = (status: number, body: object, type = 'application/json'): Response =>
  new Response(JSON.stringify(body), { status, headers: { 'Content-Type': type } })
const refusal = (status: number): Response =>
  json(status, { title: 'No', detail: 'why' }, 'application/problem+json')

function last(): Request {
  const request = asked.at(-1)
  if (request === undefined) {
    throw new Error('nothing was asked')
  }
  return request
}

beforeEach(() => {
  asked.length = 0
  useCsrfToken('token-1')
  vi.stubGlobal('fetch', (request: Request): Promise<Response> => {
    asked.push(request)
    const given = answer()
    return given instanceof Error ? Promise.reject(given) : Promise.resolve(given)
  })
})

afterEach(() => {
  vi.unstubAllGlobals()
})

describe('a call', () => {
  test('names its place and its query as the contract has them', async () => {
    answer = () => json(200, { items: [], next_cursor: null })
    await getAlerts('open', 'a b', 20)
    const url = new URL(last().url)
    expect(url.pathname).toBe('/api/v1/alerts')
    expect([...url.searchParams]).toEqual([
      ['state', 'open'],
      ['limit', '20'],
      ['cursor', 'a b'],
    ])
  })

  test('keeps a place in one segment of the path whatever it holds', async () => {
    answer = () => json(200, {})
    await getSubject('s/1?x')
    expect(new URL(last().url).pathname).toBe('/api/v1/subjects/s%2F1%3Fx')
  })

  test('that changes something carries the token, the version seen and its body', async () => {
    answer = () => json(200, {})
    await acknowledgeAlert('a-1', 3)
    expect(last().headers.get('X-CSRF-Token')).toBe('token-1')
    expect(last().headers.get('If-Match')).toBe('"3"')
    expect(await last().json()).toEqual({})
  })

  test('that only reads carries no token', async () => {
    answer = () => json(200, {})
    await getSubject('s-1')
    expect(last().headers.get('X-CSRF-Token')).toBeNull()
  })

  test('without an answer body is answered with undefined', async () => {
    answer = () => new Response(null, { status: 204 })
    expect(await deleteSession()).toBeUndefined()
  })
})

describe('what goes wrong', () => {
  test('a refusal is a problem with its status and detail', async () => {
    answer = () => refusal(409)
    const error = await getSubject('s-1').catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(ProblemError)
    expect(error).toMatchObject({ status: 409, detail: 'why' })
  })

  test('a page of a proxy is a problem too', async () => {
    answer = () => new Response('<html>', { status: 502, statusText: 'Bad Gateway' })
    await expect(getSubject('s-1')).rejects.toMatchObject({ status: 502, detail: 'Bad Gateway' })
  })

  test('an answer that is no JSON counts as none', async () => {
    answer = () => new Response('<html>', { status: 200 })
    await expect(getSubject('s-1')).rejects.toBeInstanceOf(NetworkError)
  })

  test('no answer at all is the network', async () => {
    answer = () => new TypeError('failed to fetch')
    await expect(getSubject('s-1')).rejects.toBeInstanceOf(NetworkError)
  })

  test('a lost session is told, a wrong password is not', async () => {
    const told = vi.fn()
    whenSignedOut(told)
    answer = () => refusal(401)
    await expect(postSession('li', 'wrong')).rejects.toBeInstanceOf(ProblemError)
    expect(told).not.toHaveBeenCalled()
    await expect(getSubject('s-1')).rejects.toBeInstanceOf(ProblemError)
    expect(told).toHaveBeenCalledOnce()
  })
})
