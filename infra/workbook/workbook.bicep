// The workbook of the app: what ended, how fast it was cut, what could not be cut.
param location string
param tags object
param workspaceId string

resource workbook 'Microsoft.Insights/workbooks@2023-06-01' = {
  name: guid(workspaceId, 'pim-cutoff')
  location: location
  tags: tags
  kind: 'shared'
  properties: {
    displayName: 'pim-cutoff'
    category: 'workbook'
    sourceId: workspaceId
    serializedData: loadTextContent('cutoff.workbook.json')
  }
}
