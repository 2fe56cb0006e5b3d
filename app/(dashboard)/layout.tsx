import type { ReactNode } from "react";
import { BadgesProvider } from "#components/shell/badges.tsx";
import { BottomBar } from "#components/shell/bottom-bar.tsx";
import { CommandPalette } from "#components/shell/command-palette.tsx";
import { Keyboard } from "#components/shell/keyboard.tsx";
import { ReceiptDrawer } from "#components/shell/receipt-drawer.tsx";
import { Sidebar } from "#components/shell/sidebar.tsx";
import { loadTenant } from "#lib/reports/load-tenant.ts";

export default async function DashboardLayout({ children }: { children: ReactNode }) {
  const tenant = await loadTenant();
  return (
    <>
      <a
        href="#content"
        className="sr-only focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-50 focus:rounded-md focus:bg-raised focus:px-3 focus:py-2"
      >
        Skip to the page
      </a>
      <BadgesProvider>
        <div className="flex min-h-dvh">
          <Sidebar tenant={tenant.name} />
          {children}
        </div>
        <BottomBar />
      </BadgesProvider>
      <CommandPalette />
      <Keyboard />
      <ReceiptDrawer />
    </>
  );
}
