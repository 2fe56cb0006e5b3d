import Link from "next/link";
import { buttonStyle } from "#components/ui/button.tsx";

export default function NotFound() {
  return (
    <main className="mx-auto flex max-w-xl flex-col items-start gap-3 px-6 py-16">
      <h1 className="text-xl font-medium">There is no page of this address</h1>
      <p className="text-muted">It may have been renamed, or the link was cut. Everything starts on Overview.</p>
      <Link href="/" className={buttonStyle()}>
        Overview
      </Link>
    </main>
  );
}
