import Link from "next/link";
import type { Sentence } from "#lib/reports/sentence.ts";
import { ReceiptLink } from "../shell/receipt-link.tsx";

/** The first line of a page: a sentence made from the figures, each of them a link to what it rests on. */
export function SentenceLine({ sentence }: { sentence: Sentence }) {
  return (
    <p className="figures max-w-[100ch] text-xl text-pretty" data-sentence="">
      {sentence.map((part, index) => {
        if (typeof part === "string") return part;
        const key = `${index}${part.figure}`;
        if (part.receipt)
          return (
            <ReceiptLink key={key} receipt={part.receipt} exact={part.exact} className="link font-medium">
              {part.figure}
            </ReceiptLink>
          );
        if (part.href)
          return (
            <Link key={key} href={part.href} data-exact={part.exact} className="link font-medium">
              {part.figure}
            </Link>
          );
        return (
          <span key={key} data-exact={part.exact} className="font-medium">
            {part.figure}
          </span>
        );
      })}
    </p>
  );
}
