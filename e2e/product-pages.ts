/** Every page of the product, with the heading by which a person knows it. */
export const PAGES = [
  { name: "Overview", path: "/", heading: "Overview" },
  { name: "Teams", path: "/teams", heading: "Teams" },
  { name: "one team", path: "/teams/checkout", heading: "checkout" },
  { name: "Budgets", path: "/budgets", heading: "Budgets" },
  { name: "Prices", path: "/prices", heading: "Prices" },
  {
    name: "Provisioned or pay-as-you-go",
    path: "/prices/provisioned",
    heading: "Provisioned or pay-as-you-go",
  },
  { name: "Reconcile", path: "/reconcile", heading: "Reconcile" },
  { name: "Now", path: "/now", heading: "Now" },
  { name: "Deployments", path: "/deployments", heading: "Deployments" },
  {
    name: "one deployment",
    path: "/deployments/aoai-prod-eus2/chat-prod",
    heading: "aoai-prod-eus2/chat-prod",
  },
  { name: "Alerts", path: "/alerts", heading: "Alerts" },
  { name: "Query", path: "/query", heading: "Query" },
  { name: "Data", path: "/data", heading: "Data" },
  { name: "Settings", path: "/settings", heading: "Settings" },
] as const;

/** Where the stories look from. */
export const DESK = { width: 1440, height: 900 };
export const PHONE = { width: 390, height: 844 };
