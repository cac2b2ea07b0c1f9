/** Verbs of faas-cli that Skep has not, and what to do instead. */
const leftOut: Readonly<Record<string, string>> = {
  generate: 'It makes manifests for Kubernetes; "skep deploy" is all that Skep needs.',
  chart: 'It makes manifests for Kubernetes; "skep deploy" is all that Skep needs.',
  pro: 'It is of OpenFaaS’ paid edition; what it does Skep has or does without.',
  plugin: 'It is of OpenFaaS’ paid edition; Skep has no plugins.',
  auth: 'It logs in to OpenFaaS’ paid edition; use "skep login".',
  cron: 'It is of OpenFaaS’ paid edition.',
  bashcompletion: 'Use "skep completion bash".',
  store: 'Skep has no store of functions; "skep deploy --name NAME --image IMAGE" deploys any image.',
}

/** Why there is no such verb, for one that faas-cli has. */
export const whyLeftOut = (verb: string): string | undefined => leftOut[verb]
