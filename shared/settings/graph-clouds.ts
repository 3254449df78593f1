export interface GraphCloud {
  /** Where tokens come from. */
  readonly authority: string;
  /** Microsoft Graph, without a version. */
  readonly graph: string;
}

/** Graph docs: deployments. Tokens do not cross clouds. */
export const graphClouds = {
  global: { authority: "https://login.microsoftonline.com", graph: "https://graph.microsoft.com" },
  usGovL4: { authority: "https://login.microsoftonline.us", graph: "https://graph.microsoft.us" },
  usGovL5: { authority: "https://login.microsoftonline.us", graph: "https://dod-graph.microsoft.us" },
  china: { authority: "https://login.chinacloudapi.cn", graph: "https://microsoftgraph.chinacloudapi.cn" },
} as const satisfies Record<string, GraphCloud>;
