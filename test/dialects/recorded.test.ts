import { describe, expect, it } from 'vitest'
import { useApi } from './api.ts'

const api = useApi()

/** A request as a client sent it, and what it takes for a success or shows to its user. */
interface Exchange {
  readonly request: string
  readonly body?: object
  readonly status: number
  readonly answer?: unknown
}

const env = {
  service: 'env',
  image: 'ghcr.io/example/alpine:latest',
  envProcess: 'env',
  envVars: { A: '1' },
  constraints: ['node.role==worker'],
  labels: { 'com.openfaas.scale.zero': 'true' },
  annotations: { topic: 'cron-function' },
  limits: { memory: '128Mi', cpu: '100m' },
  readOnlyRootFilesystem: true,
}
const { service: name, ...deployed } = env
const listed = {
  ...deployed,
  name,
  namespace: 'openfaas-fn',
  labels: { 'com.openfaas.scale.zero': 'true', faas_function: 'env' },
  invocationCount: 0,
  createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
}
const mark = { openfaas: '1' }

// What each client wrote to the wire, in the order in which it did.
const sessions: Readonly<Record<string, readonly Exchange[]>> = {
  'faas-cli 0.17 deploys, looks, scales and removes': [
    { request: 'GET /system/functions', status: 200, answer: [] },
    { request: 'PUT /system/functions', body: env, status: 404 },
    { request: 'POST /system/functions', body: env, status: 202 },
    { request: 'GET /system/functions', status: 200, answer: [expect.objectContaining(listed)] },
    { request: 'GET /system/function/env?usage=1', status: 200, answer: expect.objectContaining(listed) },
    { request: 'PUT /system/functions', body: env, status: 202 },
    { request: 'POST /system/scale-function/env', body: { serviceName: 'env', replicas: 0 }, status: 202 },
    { request: 'GET /system/logs?follow=false&name=env&since=2026-11-21T19%3A35%3A33Z&tail=5', status: 200 },
    { request: 'GET /system/logs?follow=0&name=env&namespace=&instance=&tail=-1', status: 200 },
    { request: 'DELETE /system/functions', body: { functionName: 'env' }, status: 202 },
    { request: 'DELETE /system/functions', body: { functionName: 'env' }, status: 404 },
  ],
  'faas-cli 0.17 deploys with flags only': [
    {
      request: 'POST /system/functions',
      body: { service: 'env', image: 'x/env:latest', envProcess: 'env', labels: {}, annotations: {} },
      status: 202,
    },
  ],
  'faas-cli 0.17 keeps secrets': [
    { request: 'POST /system/secrets', body: { name: 'my-sec', value: 'v1' }, status: 201 },
    { request: 'POST /system/secrets', body: { name: 'my-sec', value: 'v1' }, status: 409 },
    { request: 'PUT /system/secrets', body: { name: 'my-sec', value: 'v2' }, status: 200 },
    { request: 'POST /system/secrets', body: { name: 'my-file', value: 'fv', rawValue: 'ZnYK' }, status: 201 },
    {
      request: 'GET /system/secrets',
      status: 200,
      answer: [
        { name: 'my-file', namespace: 'openfaas-fn' },
        { name: 'my-sec', namespace: 'openfaas-fn' },
      ],
    },
    { request: 'DELETE /system/secrets', body: { name: 'my-sec' }, status: 202 },
  ],
  'faas-cli 0.18 keeps namespaces': [
    {
      request: 'POST /system/namespace/',
      body: { name: 'n2', annotations: mark, labels: { a: 'b', ...mark } },
      status: 201,
    },
    { request: 'GET /system/namespaces', status: 200, answer: ['openfaas-fn', 'n2'] },
    {
      request: 'GET /system/namespace/n2',
      status: 200,
      answer: { name: 'n2', annotations: mark, labels: { a: 'b', ...mark } },
    },
    { request: 'PUT /system/namespace/n2', body: { name: 'n2', annotations: mark, labels: mark }, status: 202 },
    { request: 'DELETE /system/namespace/n2', body: { name: 'n2', labels: mark }, status: 202 },
    { request: 'GET /system/namespace/n2', status: 404 },
  ],
  'faas-cli 0.17 asks for the version': [
    {
      request: 'GET /system/info',
      status: 200,
      answer: {
        provider: { provider: 'skep', orchestration: 'memory', version: { release: '1.2.3', sha: '' } },
        version: { release: '1.2.3', sha: '' },
        arch: expect.stringMatching(/^(x86_64|arm64)$/),
      },
    },
  ],
  'the certifier, whose library is older': [
    {
      request: 'POST /system/functions',
      body: { service: 'test-min-scale', image: 'x', namespace: 'openfaas-fn', labels: null, annotations: null },
      status: 202,
    },
    {
      request: 'POST /system/scale-function/test-min-scale?namespace=openfaas-fn',
      body: { serviceName: 'test-min-scale', replicas: 2 },
      status: 202,
    },
    { request: 'GET /system/function/test-min-scale?namespace=openfaas-fn&usage=1', status: 200 },
    { request: 'GET /system/logs?follow=false&name=test-min-scale&namespace=openfaas-fn', status: 200 },
    {
      request: 'DELETE /system/functions?namespace=openfaas-fn',
      body: { functionName: 'test-min-scale' },
      status: 202,
    },
    {
      request: 'POST /system/secrets',
      body: { name: 's', namespace: 'openfaas-fn', rawValue: 'dGhpcw==' },
      status: 201,
    },
    { request: 'DELETE /system/secrets', body: { name: 's', namespace: 'openfaas-fn', value: '' }, status: 202 },
  ],
}

describe('the API answers what a client expects when', () => {
  it.each(Object.entries(sessions))('%s', async (_, exchanges) => {
    for (const { request, body, status, answer } of exchanges) {
      const [method = '', path = ''] = request.split(' ')
      const got = await api().ask(method, path, body)
      const text = await got.text()
      expect([request, got.status]).toEqual([request, status])
      expect(answer === undefined ? undefined : JSON.parse(text)).toEqual(answer)
    }
  })
})
