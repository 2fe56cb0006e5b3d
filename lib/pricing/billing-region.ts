/** Region names of price sheets and invoices, and the ARM region that each means. */
const REGIONS: Readonly<Record<string, string>> = {
  "us east": "eastus",
  "us east 2": "eastus2",
  "us west": "westus",
  "us west 2": "westus2",
  "us west 3": "westus3",
  "us central": "centralus",
  "us north central": "northcentralus",
  "us south central": "southcentralus",
  "us west central": "westcentralus",
  "eu west": "westeurope",
  "eu north": "northeurope",
  "se central": "swedencentral",
  "uk south": "uksouth",
  "uk west": "ukwest",
  "fr central": "francecentral",
  "fr south": "francesouth",
  "de west central": "germanywestcentral",
  "ch north": "switzerlandnorth",
  "ch west": "switzerlandwest",
  "no east": "norwayeast",
  "no west": "norwaywest",
  "pl central": "polandcentral",
  "it north": "italynorth",
  "es central": "spaincentral",
  "ja east": "japaneast",
  "ja west": "japanwest",
  "kr central": "koreacentral",
  "ap east": "eastasia",
  "ap southeast": "southeastasia",
  "au east": "australiaeast",
  "au southeast": "australiasoutheast",
  "in central": "centralindia",
  "in south": "southindia",
  "in west": "westindia",
  "br south": "brazilsouth",
  "ca central": "canadacentral",
  "ca east": "canadaeast",
  "za north": "southafricanorth",
  "ae north": "uaenorth",
  "qa central": "qatarcentral",
  "il central": "israelcentral",
  "us gov virginia": "usgovvirginia",
  "us gov az": "usgovarizona",
  "us gov tx": "usgovtexas",
};

/** The ARM region of a meter region as a price sheet writes it; empty for one that means every region, undefined when unknown. */
export function regionOfMeter(text: string): string | undefined {
  const name = text.trim().toLowerCase();
  if (name === "" || name === "global") return "";
  const known = REGIONS[name];
  if (known) return known;
  return Object.values(REGIONS).find((region) => region === name.replace(/\s+/g, ""));
}
